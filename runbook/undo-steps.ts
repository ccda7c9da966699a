import type { StepRow } from './steps.ts';

/** What `rollback undo` does, in order; rows of the same form as the step table. */
export const undoSteps = {
  openUndo: {
    title: 'Take the environment for the undo: lock, epoch, journal',
    effect: 'changes',
    startToClose: '30s',
    attempts: 3,
    exhausted: 'ask',
    section: '2.2',
  },
  planUndo: {
    title: 'Compare the world with the state before the rollback',
    effect: 'reads',
    startToClose: '30m',
    attempts: 2,
    exhausted: 'ask',
    section: '2.2',
  },
  stopForUndo: {
    title: 'Stop what uses the data that go back',
    effect: 'changes',
    startToClose: '3m',
    attempts: 3,
    exhausted: 'serve-stable',
    section: '2.2',
  },
  undoData: {
    title: 'Put a data root back as it was before the rollback',
    effect: 'destroys',
    startToClose: '60m',
    attempts: 2,
    exhausted: 'serve-stable',
    section: '2.2',
  },
  undoRepository: {
    title: 'Put files, index and HEAD of the repository back as they were',
    effect: 'destroys',
    startToClose: '10m',
    attempts: 2,
    exhausted: 'serve-stable',
    section: '2.2',
  },
  proveUndoneFiles: {
    title: 'Compare data and repository with the state before the rollback',
    effect: 'reads',
    startToClose: '30m',
    attempts: 2,
    exhausted: 'continue',
    section: '2.2',
  },
  undoContainers: {
    title: 'Bring the containers into the state they were in',
    effect: 'changes',
    startToClose: '10m',
    attempts: 3,
    exhausted: 'serve-stable',
    section: '2.2',
  },
  proveUndoneContainers: {
    title: 'Compare the containers with those before the rollback',
    effect: 'reads',
    startToClose: '60s',
    attempts: 2,
    exhausted: 'continue',
    section: '2.2',
  },
  closeUndo: {
    title: 'Start what the undo stopped, release the environment',
    effect: 'changes',
    startToClose: '2m',
    attempts: 5,
    exhausted: 'ask',
    section: '2.2',
  },
} as const satisfies Record<string, StepRow>;

export type UndoStepName = keyof typeof undoSteps;
