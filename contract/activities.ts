import type { CheckpointStepName } from '../runbook/checkpoint-steps.ts';
import type { StepName } from '../runbook/steps.ts';
import type { CheckpointRequest, PruneRequest, PruneResult } from './checkpoint.ts';
import type { Observation, ObserveRequest } from './observe.ts';
import type { Judged, Opened, Planned, RecoveryPlanned, RollbackRequest } from './rollback.ts';
import type { StepInput, StepResult } from './step.ts';

/** Steps that tell the workflow more than their outcome. */
interface Special {
  openRollback(input: StepInput, request: RollbackRequest): Promise<Opened>;
  takeOver(input: StepInput): Promise<Opened>;
  planContainment(input: StepInput): Promise<Planned>;
  planRecovery(input: StepInput): Promise<RecoveryPlanned>;
  judgeWorld(input: StepInput): Promise<Judged>;
}

/** Every row of the step table is an activity of this interface, named as in the table. */
export type RollbackActivities = Special & {
  [Name in Exclude<StepName, keyof Special>]: (input: StepInput) => Promise<StepResult>;
};

/** Acts of a checkpoint; each row of their table is an activity. */
export type CheckpointActivities = {
  openCheckpoint(input: StepInput, request: CheckpointRequest): Promise<Opened>;
} & {
  [Name in Exclude<CheckpointStepName, 'openCheckpoint'>]: (input: StepInput) => Promise<StepResult>;
};

/** Acts of `checkpoint prune`. */
export interface PruneActivities {
  pruneCheckpoints(request: PruneRequest): Promise<PruneResult>;
  /** Frees the environment again, whatever became of the pruning. */
  releasePrune(request: PruneRequest): Promise<void>;
}

/** Read-only looks at the target's host. */
export interface ObserveActivities {
  observeHost(request: ObserveRequest, observationId: string): Promise<Observation>;
}
