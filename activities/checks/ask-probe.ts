import { ActFailure } from '../kernel/failures.ts';
import type { Room } from '../kernel/room.ts';
import { type SecretText, secretText } from '../kernel/secrets.ts';
import type { HttpAnswer } from '../kernel/world.ts';
import { type Expectation, type Validated, validateAnswer } from './validate-answer.ts';

/** What a health probe and a functional check have in common. */
export interface Probe {
  readonly method: string;
  readonly url: string;
  readonly headers?: Readonly<Record<string, SecretText>> | undefined;
  readonly body?: unknown;
  readonly expect: Expectation & { readonly maxBytes?: number | undefined };
  readonly timeoutMs: number;
}

export interface Answered extends Validated {
  /** null when there was no answer. */
  readonly answer: HttpAnswer | null;
  readonly elapsedMs: number;
}

/** Cap of an answer where the target names none. */
const defaultMaxBytes = 1024 * 1024;

/**
 * Asks once, within the probe's deadline. No answer is an answer here: what is asked is whether the system serves.
 * @throws only when the step itself is aborted
 */
export async function askProbe(room: Pick<Room, 'world' | 'signal'>, probe: Probe): Promise<Answered> {
  const started = performance.now();
  try {
    const answer = await room.world.http.ask({
      method: probe.method,
      url: probe.url,
      headers: headersOf(room, probe),
      ...(probe.body === undefined ? {} : { body: JSON.stringify(probe.body) }),
      timeoutMs: probe.timeoutMs,
      maxBytes: probe.expect.maxBytes ?? defaultMaxBytes,
      signal: room.signal,
    });
    return { ...validateAnswer(answer, probe.expect), answer, elapsedMs: answer.elapsedMs };
  } catch (error) {
    room.signal.throwIfAborted();
    if (!(error instanceof ActFailure)) throw error;
    const elapsedMs = performance.now() - started;
    return { good: false, said: error.message, body: undefined, sha256: '', answer: null, elapsedMs };
  }
}

function headersOf(room: Pick<Room, 'world'>, { headers = {}, body }: Probe): Record<string, string> {
  const given = Object.entries(headers).map(([name, value]) => [
    name.toLowerCase(),
    secretText(room.world, `header ${name}`, value),
  ]);
  const type = body === undefined ? {} : { 'content-type': 'application/json' };
  return { ...type, ...Object.fromEntries(given) };
}
