import {
  ActivityCancellationType,
  ActivityFailure,
  ApplicationFailure,
  isCancellation,
  proxyActivities,
  TimeoutFailure,
} from '@temporalio/workflow';
import type { RollbackActivities } from '../contract/activities.ts';
import { workerStopped } from '../contract/ids.ts';
import type { PlanHashes, RunMode, StepInput, StepOptions } from '../contract/step.ts';
import { unknownKinds } from '../runbook/questions.ts';
import type { PhaseName, StepName } from '../runbook/steps.ts';
import { rowOf } from '../runbook/steps.ts';
import {
  judgeTimeout,
  mayScheduleAgain,
  retryInterval,
  schedulesOfRow,
  timeoutsOf,
  type Unanswered,
} from '../runbook/timeouts.ts';

/** What every step of one rollback is told alike. */
export interface StepContext {
  readonly environment: string;
  readonly rollbackId: string;
  readonly epoch: number;
  readonly targetHash: string;
  readonly plans: PlanHashes;
  readonly mode: RunMode;
  readonly timeScale: number;
  /**
   * Rises each time the same row may be run again under the same epoch: what an operator retries must not look like an
   * older attempt of what failed, or its fence refuses it.
   */
  readonly round: number;
}

export interface StepCall<N extends StepName> {
  readonly phase: PhaseName;
  readonly step: N;
  readonly options?: StepOptions;
  /** Distinguishes rows of the same step in one phase: a data root, a script. */
  readonly suffix?: string;
}

type ResultOf<N extends StepName> = Awaited<ReturnType<RollbackActivities[N]>>;

/** The retries of a row were used up: data for the question that follows. */
export interface Exhausted {
  readonly outcome: 'failed' | 'unknown';
  readonly reason: string;
  readonly kind: string;
}

export type StepAttempt<N extends StepName> = { readonly result: ResultOf<N> } | { readonly exhausted: Exhausted };

export function stepKey(call: {
  readonly phase: PhaseName;
  readonly step: StepName;
  readonly suffix?: string;
}): string {
  return call.suffix === undefined ? `${call.phase}.${call.step}` : `${call.phase}.${call.step}:${call.suffix}`;
}

/**
 * Runs one row of the step table. A timeout is `unknown`, never a verdict: the row is scheduled again and the act looks
 * at the world first (design §3). Throws only when it is cancelled.
 */
export async function runStep<N extends StepName>(
  context: StepContext,
  call: StepCall<N>,
  ...extra: Parameters<RollbackActivities[N]> extends [StepInput, ...infer Rest] ? Rest : never
): Promise<StepAttempt<N>> {
  const row = rowOf(call.step);
  const { startToCloseMs, scheduleToCloseMs, heartbeatMs, attempts } = timeoutsOf(row, context.mode, context.timeScale);
  const acts = proxyActivities<RollbackActivities>({
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
    summary: summaryOf(call),
  });
  // Which interface a generic name has the compiler cannot see; the table and the contract say it.
  const activity = acts[call.step] as unknown as (input: StepInput, ...rest: unknown[]) => Promise<ResultOf<N>>;
  const unanswered: Unanswered[] = [];
  for (let schedule = 1; ; schedule += 1) {
    const dueAt = Date.now() + scheduleToCloseMs;
    const input: StepInput = {
      environment: context.environment,
      rollbackId: context.rollbackId,
      epoch: context.epoch,
      key: stepKey(call),
      schedule: context.round * (schedulesOfRow.inAll + 1) + schedule,
      targetHash: context.targetHash,
      plans: context.plans,
      mode: context.mode,
      options: call.options ?? {},
    };
    try {
      return { result: await activity(input, ...extra) };
    } catch (error) {
      if (isCancellation(error)) throw error;
      const why = whyUnanswered(error, dueAt);
      if (why === null) return { exhausted: describeFailure(error) };
      unanswered.push(why);
      if (!mayScheduleAgain(unanswered)) return { exhausted: describeSilence(unanswered) };
    }
  }
}

/** @returns null when the act itself has answered: it failed */
export function whyUnanswered(error: unknown, dueAt: number): Unanswered | null {
  if (!(error instanceof ActivityFailure)) return null;
  const { cause } = error;
  // A worker that was asked to stop gave the step back; nothing is known to be wrong with the step.
  if (cause instanceof ApplicationFailure) return cause.type === workerStopped ? 'nobody-there' : null;
  if (!(cause instanceof TimeoutFailure)) return null;
  return judgeTimeout({ silent: fellSilent(cause), lateMs: Date.now() - dueAt });
}

/** The last attempt fell silent, or it had when the time for all attempts ran out. */
function fellSilent(timeout: TimeoutFailure): boolean {
  if (timeout.timeoutType === 'HEARTBEAT') return true;
  return timeout.cause instanceof TimeoutFailure && fellSilent(timeout.cause);
}

function summaryOf(call: StepCall<StepName>): string {
  const title = rowOf(call.step).title;
  return call.suffix === undefined ? title : `${title}: ${call.suffix}`;
}

function describeSilence(unanswered: readonly Unanswered[]): Exhausted {
  const gone = unanswered.filter((why) => why === 'nobody-there').length;
  const what =
    gone === unanswered.length
      ? `Whoever was at work on the step was gone ${gone} times`
      : 'The time of the step ran out';
  return { outcome: 'unknown', kind: 'timeout', reason: `${what}; what it did last is not known.` };
}

function describeFailure(error: unknown): Exhausted {
  const cause = error instanceof ActivityFailure ? error.cause : error;
  const kind = cause instanceof ApplicationFailure && cause.type ? cause.type : 'unexpected';
  const reason = cause instanceof Error ? cause.message : String(cause);
  return { outcome: unknownKinds.includes(kind) ? 'unknown' : 'failed', kind, reason };
}
