import type { CheckpointStepName } from '../runbook/checkpoint-steps.ts';
import type { StepName } from '../runbook/steps.ts';
import type { UndoStepName } from '../runbook/undo-steps.ts';
import type { CheckpointRequest, PruneRequest, PruneResult } from './checkpoint.ts';
import type { Observation, ObserveRequest } from './observe.ts';
import type { Judged, Opened, Planned, RecoveryPlanned, RollbackRequest } from './rollback.ts';
import type { StepInput, StepResult } from './step.ts';
import type { UndoEnded, UndoOpened, UndoPlanned, UndoProven, UndoRequest } from './undo.ts';
import type { UpkeepDone, UpkeepOpened, UpkeepPlanned, UpkeepRequest, UpkeepTask } from './upkeep.ts';

/** Steps that tell the workflow more than their outcome. */
interface Special {
  openRollback(input: StepInput, request: RollbackRequest): Promise<Opened>;
  takeOver(input: StepInput): Promise<Opened>;
  planContainment(input: StepInput): Promise<Planned>;
  planRecovery(input: StepInput): Promise<RecoveryPlanned>;
  planPartial(input: StepInput): Promise<RecoveryPlanned>;
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

/** Undo steps that tell the workflow more than their outcome. */
interface UndoSpecial {
  openUndo(input: StepInput, request: UndoRequest): Promise<UndoOpened>;
  planUndo(input: StepInput): Promise<UndoPlanned>;
  proveUndoneFiles(input: StepInput): Promise<UndoProven>;
  proveUndoneContainers(input: StepInput): Promise<UndoProven>;
  closeUndo(input: StepInput, ended: UndoEnded): Promise<StepResult>;
}

/** Acts of an undo; each row of their table is an activity. */
export type UndoActivities = UndoSpecial & {
  [Name in Exclude<UndoStepName, keyof UndoSpecial>]: (input: StepInput) => Promise<StepResult>;
};

/** Acts of an upkeep: recover, commit, prune. */
export type UpkeepActivities = {
  openUpkeep(input: StepInput, request: UpkeepRequest): Promise<UpkeepOpened>;
  recoverPaths(input: StepInput, task: Extract<UpkeepTask, { readonly kind: 'recover' }>): Promise<UpkeepDone>;
  commitRollback(input: StepInput, rollbackId: string): Promise<UpkeepDone>;
  planPrune(input: StepInput, olderThanMs: number): Promise<UpkeepPlanned>;
  pruneKept(input: StepInput): Promise<UpkeepDone>;
  closeUpkeep(input: StepInput): Promise<StepResult>;
};

/** Read-only looks at the target's host. */
export interface ObserveActivities {
  observeHost(request: ObserveRequest, observationId: string): Promise<Observation>;
}
