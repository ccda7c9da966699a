import { durationMs } from '../runbook/duration.ts';
import { ClientFailure } from './failures.ts';

/** `12h`, `7d`, `0d` → milliseconds. @throws ClientFailure `usage` for anything else */
export function parseAge(text: string): number {
  try {
    return durationMs(text);
  } catch (cause) {
    const message = `--older-than ${JSON.stringify(text)} is no length of time; expected for example 12h or 7d.`;
    throw new ClientFailure('usage', message, { cause });
  }
}
