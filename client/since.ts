import { durationMs } from '../runbook/duration.ts';
import { ClientFailure } from './failures.ts';

/**
 * The instant from which the clock runs: `15m` (ago), `14:05` (today, local time) or an ISO instant.
 * @param now milliseconds since the epoch
 * @returns ISO instant
 */
export function parseSince(text: string, now: number): string {
  const at = ago(text, now) ?? clockToday(text, now) ?? Date.parse(text);
  if (Number.isNaN(at)) {
    throw new ClientFailure(
      'usage',
      `--since ${JSON.stringify(text)} is no time; expected for example 15m, 14:05 or 2026-01-31T14:05:00Z.`,
    );
  }
  if (at > now) throw new ClientFailure('usage', `--since ${JSON.stringify(text)} lies in the future.`);
  return new Date(at).toISOString();
}

function ago(text: string, now: number): number | undefined {
  return /^\d+(\.\d+)?(ms|s|m|h|d)$/.test(text) ? now - durationMs(text) : undefined;
}

/** A time later than now was yesterday's: an incident does not start in the future. */
function clockToday(text: string, now: number): number | undefined {
  const match = /^(\d{1,2}):(\d{2})$/.exec(text);
  if (!match) return undefined;
  const at = new Date(now);
  at.setHours(Number(match[1]), Number(match[2]), 0, 0);
  if (at.getTime() > now) at.setDate(at.getDate() - 1);
  return at.getTime();
}
