import { join } from 'node:path';
import { asActFailure } from '../kernel/act.ts';
import type { Room } from '../kernel/room.ts';
import type { ContainerFacts } from '../kernel/world.ts';
import { evidenceName } from './evidence-name.ts';
import { EvidenceSink } from './evidence-sink.ts';
import { addToLogIndex, type KeptLog, type LogStage, readLogIndex } from './log-index.ts';
import { AfterStamp, LogLines } from './log-lines.ts';

export interface LogBounds {
  readonly maxBytes: number;
  /** From now; then the rest is left to a later capture. */
  readonly maxMs: number;
}

/** Of the limit of a container, at most this much is for its last lines. */
const tailBytes = 4 * 1024 * 1024;
const tailLines = 5_000;

/**
 * Streams a container's log to disk with the engine's timestamps, from where the last capture of it ended. Bounded: of
 * a longer one the beginning and the last lines are kept, with a line between that says what is missing. A log that
 * this stage has kept already is not captured again.
 * @throws ActFailure `docker-unavailable`, `no-space`, `io-error`; a driver that gives no log is told, not thrown
 */
export async function captureLog(
  room: Room,
  facts: Pick<ContainerFacts, 'id' | 'name' | 'logDriver'>,
  stage: LogStage,
  bounds: LogBounds,
): Promise<KeptLog> {
  const index = readLogIndex(room).filter(({ id }) => id === facts.id);
  const earlier = index.find((log) => log.stage === stage);
  if (earlier !== undefined) return earlier;
  const { id, name, logDriver: driver } = facts;
  const base = { id, name, stage, driver };
  const since =
    index
      .map(({ last }) => last)
      .filter((last) => last !== null)
      .sort()
      .at(-1) ?? null;
  const nothing = { ...base, file: null, sha256: null, bytes: 0, lines: 0, last: null, cut: null };
  let log: KeptLog;
  if (driver === 'none') {
    log = { ...nothing, none: 'its log driver is none: the engine keeps no log' };
  } else if (bounds.maxBytes <= 0) {
    log = { ...nothing, none: 'no space on the disk of the state folder; it stays in the container, which is kept' };
  } else {
    try {
      log = { ...base, ...(await stream(room, facts, { stage, since, bounds })), none: null };
    } catch (error) {
      const failure = asActFailure(error);
      if (failure.kind !== 'docker-refused') throw error;
      log = { ...nothing, none: `driver ${driver}: ${failure.message}` };
    }
  }
  addToLogIndex(room, log);
  return log;
}

type Streamed = Pick<KeptLog, 'file' | 'sha256' | 'bytes' | 'lines' | 'last' | 'cut'>;

async function stream(
  room: Room,
  { id, name }: { readonly id: string; readonly name: string },
  how: { readonly stage: LogStage; readonly since: string | null; readonly bounds: LogBounds },
): Promise<Streamed> {
  const { stage, since, bounds } = how;
  const file = stage === 'live' ? `${evidenceName({ id, name })}.log` : `${evidenceName({ id, name })}.${stage}.log`;
  const sink = new EvidenceSink(room, join(room.rollback.evidenceDir, 'logs', file));
  try {
    const late = AbortSignal.timeout(bounds.maxMs);
    const signal = AbortSignal.any([room.signal, late]);
    const lines = new LogLines();
    const fresh = new AfterStamp(since);
    const headBytes = bounds.maxBytes - Math.min(tailBytes, Math.floor(bounds.maxBytes / 2));
    const add = (bytes: Buffer): void => {
      lines.see(bytes);
      sink.add(bytes);
    };
    let full = false;
    for await (const chunk of room.world.docker.logs(id, { signal, ...(since === null ? {} : { since }) })) {
      const bytes = fresh.take(chunk.bytes);
      const left = headBytes - sink.bytes;
      if (bytes.length > left) {
        add(bytes.subarray(0, left));
        full = true;
        break;
      }
      add(bytes);
    }
    if (!full) add(fresh.end());
    room.signal.throwIfAborted();
    const cut = full
      ? `longer than ${bounds.maxBytes} bytes: the lines between its beginning and its end are not here`
      : late.aborted
        ? `more than could be read in ${bounds.maxMs} ms: it ends here`
        : null;
    let last = lines.last;
    if (cut !== null) sink.add(Buffer.from(`\n[durable-rollback: ${name}: ${cut}]\n`));
    if (full) {
      const end = await lastLines(room, id, { after: lines.last, maxBytes: bounds.maxBytes - headBytes });
      sink.add(end.bytes);
      last = end.last ?? last;
    }
    return { ...kept(sink), lines: lines.count, last, cut };
  } finally {
    sink.close();
  }
}

function kept(sink: EvidenceSink): Pick<Streamed, 'file' | 'sha256' | 'bytes'> {
  const { path, sha256, bytes } = sink.finish();
  return { file: path, sha256, bytes };
}

/** The last lines, at most as many bytes; the oldest go first. */
async function lastLines(
  room: Room,
  id: string,
  { after, maxBytes }: { readonly after: string | null; readonly maxBytes: number },
): Promise<{ readonly bytes: Buffer; readonly last: string | null }> {
  const fresh = new AfterStamp(after);
  const lines = new LogLines();
  const parts: Buffer[] = [];
  let bytes = 0;
  const add = (part: Buffer): void => {
    lines.see(part);
    parts.push(Buffer.from(part));
    bytes += part.length;
    while (bytes - (parts[0]?.length ?? 0) > maxBytes) bytes -= parts.shift()?.length ?? 0;
  };
  for await (const chunk of room.world.docker.logs(id, { tail: tailLines, signal: room.signal })) {
    add(fresh.take(chunk.bytes));
  }
  add(fresh.end());
  const all = Buffer.concat(parts);
  return { bytes: all.subarray(Math.max(0, all.length - maxBytes)), last: lines.last };
}
