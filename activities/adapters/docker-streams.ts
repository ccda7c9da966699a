import { IncomingMessage } from 'node:http';
import type Dockerode from 'dockerode';
import { z } from 'zod';
import type { EngineEvent, LogChunk } from '../kernel/world.ts';
import { demultiplex, plain } from './demultiplex.ts';
import { dockerFailure, withDeadline } from './docker-errors.ts';
import { engineTime } from './engine-time.ts';

const answerWithinMs = 15_000;
/** A log that is not followed flows: this long without a byte means that the engine hangs. */
const silentForMs = 60_000;

export interface LogOptions {
  readonly since?: string;
  readonly until?: string;
  readonly tail?: number;
  readonly signal?: AbortSignal;
}

/** Logs as they lie with the engine, each line with its timestamp; ends early, without an error, on abort. */
export async function* containerLogs(
  engine: Dockerode,
  id: string,
  tty: boolean,
  options: LogOptions,
): AsyncGenerator<LogChunk> {
  const what = `give the logs of ${id.slice(0, 12)}`;
  const query = {
    stdout: true,
    stderr: true,
    timestamps: true,
    tail: options.tail ?? 'all',
    ...(options.since === undefined ? {} : { since: engineTime(options.since) }),
    ...(options.until === undefined ? {} : { until: engineTime(options.until) }),
  };
  // dockerode's own logs() reads a log that is not followed whole into memory.
  const answer = await openStream(engine, what, `/containers/${id}/logs?`, query, options.signal);
  answer.setTimeout(silentForMs, () => answer.destroy(new Error(`no byte for ${silentForMs} ms`)));
  yield* untilAbort(what, tty ? plain(answer) : demultiplex(answer), options.signal);
}

const eventLine = z.object({
  Type: z.string(),
  Action: z.string(),
  Actor: z.object({ ID: z.string(), Attributes: z.record(z.string(), z.string()).nullish() }),
});

/** The engine's events, one by one, until abort or `until`. */
export async function* engineEvents(
  engine: Dockerode,
  options: Pick<LogOptions, 'since' | 'until' | 'signal'>,
): AsyncGenerator<EngineEvent> {
  const query = {
    ...(options.since === undefined ? {} : { since: engineTime(options.since) }),
    ...(options.until === undefined ? {} : { until: engineTime(options.until) }),
  };
  const what = 'tell its events';
  const answer = await openStream(engine, what, '/events?', query, options.signal);
  for await (const line of untilAbort(what, linesOf(answer), options.signal)) {
    const { Type: type, Action: action, Actor: actor } = eventLine.parse(JSON.parse(line));
    const labels = actor.Attributes ?? {};
    yield {
      type,
      action,
      id: actor.ID,
      name: labels['name'] ?? '',
      labels,
      // Nanoseconds do not fit a JavaScript number.
      timeNano: /"timeNano":(\d+)/.exec(line)?.[1] ?? '0',
    };
  }
}

/** A path inside a container as a tar stream. */
export function containerArchive(engine: Dockerode, id: string, path: string): Promise<IncomingMessage> {
  return openStream(engine, `read ${path} of ${id.slice(0, 12)}`, `/containers/${id}/archive?`, { path });
}

async function openStream(
  engine: Dockerode,
  what: string,
  path: string,
  query: Readonly<Record<string, string | number | boolean>>,
  signal?: AbortSignal,
): Promise<IncomingMessage> {
  return await withDeadline(what, answerWithinMs, (deadline) => {
    // The deadline ends with the answer's head; afterwards only the caller's signal ends the stream.
    const abort = new AbortController();
    deadline.addEventListener('abort', () => abort.abort(), { once: true });
    signal?.addEventListener('abort', () => abort.abort(), { once: true });
    if (signal?.aborted) abort.abort();
    const request = { path, method: 'GET', options: query, isStream: true, statusCodes: { 200: true } };
    return new Promise<IncomingMessage>((resolve, reject) => {
      engine.modem.dial({ ...request, abortSignal: abort.signal }, (error: unknown, answer: unknown) => {
        if (answer instanceof IncomingMessage) resolve(answer);
        else reject(error ?? new Error('the answer is no stream'));
      });
    });
  });
}

async function* untilAbort<T>(what: string, source: AsyncIterable<T>, signal?: AbortSignal): AsyncGenerator<T> {
  try {
    yield* source;
  } catch (error) {
    if (!signal?.aborted) throw dockerFailure(what, error);
  }
}

async function* linesOf(source: AsyncIterable<Buffer>): AsyncGenerator<string> {
  let rest = Buffer.alloc(0);
  for await (const chunk of source) {
    rest = Buffer.concat([rest, chunk]);
    for (let end = rest.indexOf(10); end >= 0; end = rest.indexOf(10)) {
      const line = rest.subarray(0, end).toString('utf8').trim();
      rest = rest.subarray(end + 1);
      if (line !== '') yield line;
    }
  }
}
