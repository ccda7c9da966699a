import type { StepRow } from './steps.ts';

/** What `rollback checkpoint create` does, in order; rows of the same form as the step table. */
export const checkpointSteps = {
  openCheckpoint: {
    title: 'Take the environment for a checkpoint',
    effect: 'changes',
    startToClose: '20s',
    attempts: 3,
    exhausted: 'ask',
    section: '2.2',
  },
  captureCode: {
    title: 'Record commit and tree of the checkpoint',
    effect: 'reads',
    startToClose: '60s',
    attempts: 2,
    exhausted: 'ask',
    section: '2.2',
  },
  captureImages: {
    title: 'Record and hold the images of the stable system',
    effect: 'changes',
    startToClose: '60s',
    attempts: 2,
    exhausted: 'ask',
    section: '2.2',
  },
  captureConfiguration: {
    title: 'Record the effective compose configuration',
    effect: 'reads',
    startToClose: '60s',
    attempts: 2,
    exhausted: 'ask',
    section: '2.2',
  },
  captureData: {
    title: 'Copy and verify a data root',
    effect: 'reads',
    startToClose: '30m',
    attempts: 2,
    exhausted: 'ask',
    section: 'Data Integrity',
  },
  captureSkills: {
    title: 'Record the expected skills',
    effect: 'reads',
    startToClose: '60s',
    attempts: 2,
    exhausted: 'ask',
    section: '3.3',
  },
  measureBaseline: {
    title: 'Measure the performance baseline',
    effect: 'reads',
    startToClose: '3m',
    attempts: 2,
    exhausted: 'ask',
    section: 'Performance',
  },
  sealCheckpoint: {
    title: 'Seal the checkpoint',
    effect: 'changes',
    startToClose: '60s',
    attempts: 2,
    exhausted: 'ask',
    section: '2.2',
  },
  closeCheckpoint: {
    title: 'Release the environment',
    effect: 'changes',
    startToClose: '20s',
    attempts: 5,
    exhausted: 'ask',
    section: '2.2',
  },
} as const satisfies Record<string, StepRow>;

export type CheckpointStepName = keyof typeof checkpointSteps;
