import {
  ActivityCancellationType,
  ActivityFailure,
  ApplicationFailure,
  isCancellation,
  proxyActivities,
} from '@temporalio/workflow';
import type { PlanHashes, StepInput, StepOptions } from '../contract/step.ts';
import type { StepRow } from '../runbook/steps.ts';
import { mayScheduleAgain, retryInterval, timeoutsOf, type Unanswered } from '../runbook/timeouts.ts';
import { whyUnanswered } from './run-step.ts';

/** What every row of one workflow outside a rollback is told alike. */
export interface RowContext {
  readonly environment: string;
  /** Whose journal and lock it is. */
  readonly id: string;
  readonly epoch: number;
  readonly targetHash: string;
  readonly plans: PlanHashes;
  readonly timeScale: number;
  /** Prefix of the keys in the journal. */
  readonly prefix: string;
}

/**
 * Runs one row of a table of its own as an activity. The end of its time is no verdict: it is scheduled again, and the
 * act looks at the world first (design §3).
 * @throws ActivityFailure when its retries are used up
 */
export async function runTableRow<R>(
  context: RowContext,
  call: { readonly name: string; readonly row: StepRow; readonly options?: StepOptions },
  ...extra: readonly unknown[]
): Promise<R> {
  const { name, row, options = {} } = call;
  const { startToCloseMs, scheduleToCloseMs, heartbeatMs, attempts } = timeoutsOf(row, 'full', context.timeScale);
  const { root } = options;
  const acts = proxyActivities<Record<string, (input: StepInput, ...more: unknown[]) => Promise<R>>>({
    startToCloseTimeout: startToCloseMs,
    scheduleToCloseTimeout: scheduleToCloseMs,
    heartbeatTimeout: heartbeatMs,
    retry: {
      maximumAttempts: attempts,
      initialInterval: retryInterval.initialMs,
      backoffCoefficient: retryInterval.coefficient,
      maximumInterval: retryInterval.maximumMs,
    },
    cancellationType: ActivityCancellationType.TRY_CANCEL,
    summary: root === undefined ? row.title : `${row.title}: ${root}`,
  });
  const activity = acts[name];
  if (activity === undefined) throw ApplicationFailure.nonRetryable(`There is no activity ${name}.`, 'unexpected');
  const unanswered: Unanswered[] = [];
  for (let schedule = 1; ; schedule += 1) {
    const dueAt = Date.now() + scheduleToCloseMs;
    const input: StepInput = {
      environment: context.environment,
      rollbackId: context.id,
      epoch: context.epoch,
      key: root === undefined ? `${context.prefix}.${name}` : `${context.prefix}.${name}:${root}`,
      schedule,
      targetHash: context.targetHash,
      plans: context.plans,
      mode: 'full',
      options,
    };
    try {
      return await activity(input, ...extra);
    } catch (error) {
      const why = isCancellation(error) ? null : whyUnanswered(error, dueAt);
      if (why === null) throw error;
      unanswered.push(why);
      if (!mayScheduleAgain(unanswered)) throw error;
    }
  }
}

/** Why a row failed, in one sentence. */
export function reasonOf(error: unknown): string {
  const cause = error instanceof ActivityFailure ? (error.cause ?? error) : error;
  return cause instanceof Error ? cause.message : String(cause);
}
