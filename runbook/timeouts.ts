import { durationMs } from './duration.ts';
import type { StepRow } from './steps.ts';

/** Retry intervals of every row: short, because the operator waits. */
export const retryInterval = { initialMs: 1_000, coefficient: 2, maximumMs: 10_000 } as const;

/** A row without a sign of life for this long is taken as dead: the next attempt begins. */
export const heartbeatMs = 15_000;
/** No scale makes it shorter: acts give a sign every two seconds, and a busy machine may be late. */
const leastHeartbeatMs = 5_000;

/**
 * Why one schedule of a row ended without an answer: the row's own time ran out, or whoever was at work on it was gone
 * (killed, silent past the heartbeat, asked to stop, server and worker away for longer than the row may take).
 */
export type Unanswered = 'own-time' | 'nobody-there';

/** Later than this after its time, a timer shows that nobody was there to let it fire: the server was away. */
export const awayMs = 30_000;

/**
 * What a time that ran out says of the step.
 * @param timeout.silent no sign of life came from the last attempt
 * @param timeout.lateMs how long after the end of the row's whole time it was noticed
 */
export function judgeTimeout(timeout: { readonly silent: boolean; readonly lateMs: number }): Unanswered {
  return timeout.silent || timeout.lateMs > awayMs ? 'nobody-there' : 'own-time';
}

/**
 * How often a row is scheduled at most, since the end of a timeout is never a verdict (design §3). A worker that dies
 * says nothing about the step: it must not use up the step's own tries. Still there is an end, since it may be the step
 * that takes its worker down.
 */
export const schedulesOfRow = { afterOwnTime: 3, inAll: 8 } as const;

/** Whether a row is scheduled once more. @param unanswered how each schedule so far ended, oldest first */
export function mayScheduleAgain(unanswered: readonly Unanswered[]): boolean {
  const own = unanswered.filter((why) => why === 'own-time').length;
  return own < schedulesOfRow.afterOwnTime && unanswered.length < schedulesOfRow.inAll;
}

export interface StepTimeouts {
  readonly startToCloseMs: number;
  readonly scheduleToCloseMs: number;
  readonly heartbeatMs: number;
  readonly attempts: number;
}

/**
 * Timeouts of one row, in milliseconds.
 * @param scale 1 in earnest; practice may shorten everything by one factor (design §3)
 */
export function timeoutsOf(row: StepRow, mode: 'full' | 'emergency', scale: number): StepTimeouts {
  const bounds = (mode === 'emergency' ? row.emergency : undefined) ?? row;
  const startToCloseMs = Math.max(2_000, Math.round(durationMs(bounds.startToClose) * scale));
  return {
    startToCloseMs,
    scheduleToCloseMs: worstCaseMs(startToCloseMs, bounds.attempts),
    heartbeatMs: Math.min(heartbeatMs, Math.max(leastHeartbeatMs, Math.round(heartbeatMs * scale))),
    attempts: bounds.attempts,
  };
}

/** All attempts at full length with the waits between them. */
export function worstCaseMs(startToCloseMs: number, attempts: number): number {
  let waits = 0;
  for (let n = 0; n < attempts - 1; n += 1) {
    waits += Math.min(retryInterval.maximumMs, retryInterval.initialMs * retryInterval.coefficient ** n);
  }
  return startToCloseMs * attempts + waits;
}
