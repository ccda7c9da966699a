import { Worker } from '@temporalio/worker';
import { DeterminismViolationError } from '@temporalio/workflow';
import { type RecordedHistory, recordedHistories } from '../histories.ts';
import { changedBundle } from './changed-bundle.ts';
import type { ReplayMutant } from './mutants.ts';

/**
 * Replays the recorded histories with the mutant's code until one does not go on.
 * @returns the history that caught it, or null: a running rollback would go on with such code unnoticed
 * @throws whatever is no fault of determinism: a mutant that cannot even be built proves nothing
 */
export async function caughtBy(mutant: ReplayMutant): Promise<RecordedHistory | null> {
  const workflowBundle = await changedBundle(mutant);
  for (const history of recordedHistories()) {
    try {
      await Worker.runReplayHistory({ workflowBundle }, history.read());
    } catch (error) {
      if (error instanceof DeterminismViolationError) return history;
      throw error;
    }
  }
  return null;
}
