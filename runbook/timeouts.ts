import { durationMs } from './duration.ts';
import type { StepRow } from './steps.ts';

/** Retry intervals of every row: short, because the operator waits. */
export const retryInterval = { initialMs: 1_000, coefficient: 2, maximumMs: 10_000 } as const;

/** A row without a sign of life for this long is taken as dead: the next attempt begins. */
export const heartbeatMs = 15_000;

/** How often a row is scheduled again when its time ran out: the end of a timeout is never a verdict (design §3). */
export const schedulesAfterTimeout = 3;

export interface StepTimeouts {
  readonly startToCloseMs: number;
  readonly scheduleToCloseMs: number;
  readonly attempts: number;
}

/**
 * Timeouts of one row, in milliseconds.
 * @param scale 1 in earnest; practice may shorten everything by one factor (design §3)
 */
export function timeoutsOf(row: StepRow, mode: 'full' | 'emergency', scale: number): StepTimeouts {
  const bounds = (mode === 'emergency' ? row.emergency : undefined) ?? row;
  const startToCloseMs = Math.max(2_000, Math.round(durationMs(bounds.startToClose) * scale));
  return { startToCloseMs, attempts: bounds.attempts, scheduleToCloseMs: worstCaseMs(startToCloseMs, bounds.attempts) };
}

/** All attempts at full length with the waits between them. */
export function worstCaseMs(startToCloseMs: number, attempts: number): number {
  let waits = 0;
  for (let n = 0; n < attempts - 1; n += 1) {
    waits += Math.min(retryInterval.maximumMs, retryInterval.initialMs * retryInterval.coefficient ** n);
  }
  return startToCloseMs * attempts + waits;
}
