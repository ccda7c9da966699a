import {
  ActivityCancellationType,
  ActivityFailure,
  ApplicationFailure,
  CancellationScope,
  proxyActivities,
  upsertMemo,
} from '@temporalio/workflow';
import type { CheckpointActivities } from '../contract/activities.ts';
import { boardKey } from '../contract/board.ts';
import type { CheckpointRequest, CheckpointResult } from '../contract/checkpoint.ts';
import type { StepInput, StepOptions } from '../contract/step.ts';
import type { CheckpointStepName } from '../runbook/checkpoint-steps.ts';
import { checkpointSteps } from '../runbook/checkpoint-steps.ts';
import { retryInterval, timeoutsOf } from '../runbook/timeouts.ts';

/** Rows after the first and before the last; data roots are captured one by one in between. */
const rows = ['captureCode', 'captureImages', 'captureConfiguration', 'captureSkills', 'measureBaseline'] as const;

/** Records the known-good state of a target, under lock and epoch; only a sealed checkpoint counts. */
export async function checkpoint(request: CheckpointRequest): Promise<CheckpointResult> {
  const notes: string[] = [];
  const opened = await actOf(request, 'openCheckpoint')(inputOf(request, 'openCheckpoint', 0, {}), request);
  const epoch = opened.epoch;
  const run = async (step: Exclude<CheckpointStepName, 'openCheckpoint'>, options: StepOptions = {}): Promise<void> => {
    upsertMemo({
      [boardKey]: { checkpointId: request.checkpointId, environment: request.environment, step, by: request.by },
    });
    const result = await actOf(request, step)(inputOf(request, step, epoch, options));
    notes.push(`${checkpointSteps[step].title}${options.root ? ` (${options.root})` : ''}: ${result.reason}`);
    if (result.outcome === 'failed' || result.outcome === 'unknown') {
      throw ApplicationFailure.nonRetryable(`${checkpointSteps[step].title}: ${result.reason}`, 'checkpoint-failed');
    }
  };
  try {
    for (const row of rows.slice(0, 3)) await run(row);
    for (const root of request.target.data) await run('captureData', { root: root.name });
    for (const row of rows.slice(3)) await run(row);
    await run('sealCheckpoint');
    return { checkpointId: request.checkpointId, outcome: 'sealed', notes, path: opened.rollbackDir };
  } catch (error) {
    const cause = error instanceof ActivityFailure ? (error.cause ?? error) : error;
    notes.push(cause instanceof Error ? cause.message : String(cause));
    return { checkpointId: request.checkpointId, outcome: 'failed', notes, path: opened.rollbackDir };
  } finally {
    await CancellationScope.nonCancellable(() => run('closeCheckpoint'));
  }
}

function actOf<N extends CheckpointStepName>(request: CheckpointRequest, step: N): CheckpointActivities[N] {
  const row = checkpointSteps[step];
  const { startToCloseMs, scheduleToCloseMs, heartbeatMs, attempts } = timeoutsOf(row, 'full', request.timeScale);
  return proxyActivities<CheckpointActivities>({
    startToCloseTimeout: startToCloseMs,
    scheduleToCloseTimeout: scheduleToCloseMs,
    heartbeatTimeout: heartbeatMs,
    retry: {
      maximumAttempts: attempts,
      initialInterval: retryInterval.initialMs,
      maximumInterval: retryInterval.maximumMs,
    },
    cancellationType: ActivityCancellationType.TRY_CANCEL,
    summary: row.title,
  })[step];
}

function inputOf(request: CheckpointRequest, step: CheckpointStepName, epoch: number, options: StepOptions): StepInput {
  return {
    environment: request.environment,
    rollbackId: request.checkpointId,
    epoch,
    key: options.root === undefined ? `checkpoint.${step}` : `checkpoint.${step}:${options.root}`,
    schedule: 1,
    targetHash: request.targetHash,
    plans: {},
    mode: 'full',
    options,
  };
}
