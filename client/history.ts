import type { WorkflowHandle } from '@temporalio/client';
import { defaultPayloadConverter } from '@temporalio/common';
import type { Outcome } from '../contract/step.ts';
import { isRecord } from './board.ts';
import type { PendingStep, StepView } from './steps-view.ts';
import { titleOfKey } from './steps-view.ts';

type History = Awaited<ReturnType<WorkflowHandle['fetchHistory']>>;
type HistoryEvent = NonNullable<History['events']>[number];
type Payloads = { readonly payloads?: readonly object[] | null } | null | undefined;
type Timestamp = { readonly seconds?: unknown; readonly nanos?: number | null } | null | undefined;
type Failure = { readonly message?: string | null; readonly cause?: Failure | null };

/** The steps that a workflow scheduled as activities, in order; one scheduled again under the same key counts once. */
export function stepsOfHistory(history: History): readonly StepView[] {
  const byEvent = new Map<string, StepView>();
  const set = (id: unknown, change: Partial<StepView>) => {
    const step = byEvent.get(String(id));
    if (step !== undefined) byEvent.set(String(id), { ...step, ...change });
  };
  for (const event of history.events ?? []) {
    const scheduled = event.activityTaskScheduledEventAttributes;
    if (scheduled) byEvent.set(String(event.eventId), scheduledStep(event, scheduled));
    const ended = endOf(event);
    if (ended !== undefined) set(ended.scheduledEventId, ended.change);
  }
  const byKey = new Map<string, StepView>();
  for (const step of byEvent.values()) byKey.set(step.key, step);
  return [...byKey.values()];
}

function scheduledStep(
  event: HistoryEvent,
  scheduled: NonNullable<HistoryEvent['activityTaskScheduledEventAttributes']>,
): StepView {
  const input = decode(scheduled.input, 0);
  const name = scheduled.activityType?.name ?? 'unknown';
  const key = isRecord(input) && typeof input['key'] === 'string' ? input['key'] : name;
  return {
    key,
    title: titleOfKey(key),
    activityId: scheduled.activityId ?? '',
    state: 'scheduled',
    reason: '',
    startedAt: isoOf(event.eventTime),
    endedAt: null,
    attempt: 1,
  };
}

function endOf(
  event: HistoryEvent,
): { readonly scheduledEventId: unknown; readonly change: Partial<StepView> } | undefined {
  const endedAt = isoOf(event.eventTime);
  const completed = event.activityTaskCompletedEventAttributes;
  if (completed) {
    const { outcome, reason } = resultOf(decode(completed.result, 0));
    return { scheduledEventId: completed.scheduledEventId, change: { state: outcome, reason, endedAt } };
  }
  const failed = event.activityTaskFailedEventAttributes;
  if (failed) {
    return {
      scheduledEventId: failed.scheduledEventId,
      change: { state: 'failed', reason: failureText(failed.failure), endedAt },
    };
  }
  const timedOut = event.activityTaskTimedOutEventAttributes;
  if (timedOut) {
    const reason = 'its time ran out; what it did last is not known';
    return { scheduledEventId: timedOut.scheduledEventId, change: { state: 'unknown', reason, endedAt } };
  }
  const canceled = event.activityTaskCanceledEventAttributes;
  if (canceled)
    return { scheduledEventId: canceled.scheduledEventId, change: { state: 'cancelled', reason: '', endedAt } };
  return undefined;
}

const outcomes: readonly string[] = [
  'done',
  'already-done',
  'skipped',
  'failed',
  'unknown',
] satisfies readonly Outcome[];

function isOutcome(value: unknown): value is Outcome {
  return typeof value === 'string' && outcomes.includes(value);
}

function resultOf(value: unknown): { readonly outcome: Outcome; readonly reason: string } {
  if (!isRecord(value) || !isOutcome(value['outcome'])) return { outcome: 'done', reason: '' };
  return { outcome: value['outcome'], reason: typeof value['reason'] === 'string' ? value['reason'] : '' };
}

type PendingActivity = {
  readonly activityId?: string | null;
  readonly attempt?: number | null;
  readonly state?: unknown;
  readonly lastFailure?: Failure | null;
};

/** What the server knows of activities at work: their attempt and why the last one failed. */
export function pendingOf(activities: readonly PendingActivity[] | null | undefined): readonly PendingStep[] {
  return (activities ?? []).map((activity) => ({
    activityId: activity.activityId ?? '',
    attempt: activity.attempt ?? 1,
    running: activity.state === pendingStarted,
    lastFailure: failureText(activity.lastFailure),
  }));
}

/** PENDING_ACTIVITY_STATE_STARTED of the server's own numbering. */
const pendingStarted = 2;

/** First argument with which a workflow was started, from the first event of its history. */
export function startInputOf(history: History): unknown {
  return decode(history.events?.[0]?.workflowExecutionStartedEventAttributes?.input, 0);
}

function decode(payloads: Payloads, index: number): unknown {
  const payload = payloads?.payloads?.[index];
  return payload === undefined ? undefined : defaultPayloadConverter.fromPayload(payload);
}

function failureText(failure: Failure | null | undefined): string {
  if (!failure) return '';
  const deepest = failureText(failure.cause);
  return deepest === '' ? (failure.message ?? '') : deepest;
}

function isoOf(time: Timestamp): string {
  const ms = Number(time?.seconds ?? 0) * 1000 + Math.floor((time?.nanos ?? 0) / 1e6);
  return new Date(ms).toISOString();
}
