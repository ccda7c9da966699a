import type { StepRow } from './steps.ts';

/** What `recover`, `commit` and `prune` do; rows of the same form as the step table. */
export const upkeepSteps = {
  openUpkeep: {
    title: 'Take the environment: lock, epoch, journal',
    effect: 'changes',
    startToClose: '30s',
    attempts: 3,
    exhausted: 'ask',
    section: '4.2',
  },
  recoverPaths: {
    title: 'Bring files back from what was kept',
    effect: 'changes',
    startToClose: '30m',
    attempts: 2,
    exhausted: 'ask',
    section: '4.2',
  },
  commitRollback: {
    title: 'End the time in which the rollback can be undone',
    effect: 'changes',
    startToClose: '30s',
    attempts: 3,
    exhausted: 'ask',
    section: '4.2',
  },
  planPrune: {
    title: 'List what committed and old rollbacks have kept',
    effect: 'reads',
    startToClose: '10m',
    attempts: 2,
    exhausted: 'ask',
    section: '4.2',
  },
  pruneKept: {
    title: 'Free what committed and old rollbacks have kept',
    effect: 'destroys',
    startToClose: '30m',
    attempts: 2,
    exhausted: 'ask',
    section: '4.2',
  },
  closeUpkeep: {
    title: 'Release the environment',
    effect: 'changes',
    startToClose: '30s',
    attempts: 5,
    exhausted: 'ask',
    section: '4.2',
  },
} as const satisfies Record<string, StepRow>;

export type UpkeepStepName = keyof typeof upkeepSteps;
