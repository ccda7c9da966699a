import { createReadStream, lstatSync, readdirSync, realpathSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { copyTree } from '../../vault/copy-tree.ts';
import { nameExists } from '../../vault/durable-file.ts';
import { errorCode } from '../../vault/errors.ts';
import { asActFailure } from '../kernel/act.ts';
import { sha256 } from '../kernel/records.ts';
import type { Room } from '../kernel/room.ts';
import { EvidenceSink } from './evidence-sink.ts';
import { keepArchive } from './keep-archive.ts';

/** Something the target wants kept, wherever it lies. */
export type Source =
  | { readonly kind: 'file' | 'results'; readonly path: string }
  | { readonly kind: 'container'; readonly container: string; readonly path: string }
  | { readonly kind: 'volume'; readonly volume: string; readonly path: string };

export interface KeptSource {
  readonly source: Source;
  /** `missing`: it is not there. `not-kept`: it is there, or may be, and is not in the evidence. */
  readonly status: 'kept' | 'missing' | 'not-kept';
  /** In words, for the report. */
  readonly reason: string;
  /** File or folder in the evidence. */
  readonly at: string | null;
  readonly bytes: number;
  /** Manifest of a folder. */
  readonly manifest: string | null;
  /** Of a file. */
  readonly sha256: string | null;
}

type Found = Omit<KeptSource, 'source'>;

/** What a target asks for, in the order in which it names it. */
export function sourcesOf({ evidence }: Room['target']): readonly Source[] {
  return [
    ...evidence.results.map((path) => ({ kind: 'results', path }) as const),
    ...evidence.files.map((path) => ({ kind: 'file', path }) as const),
    ...evidence.containerPaths.map(({ container, path }) => ({ kind: 'container', container, path }) as const),
    ...evidence.volumePaths.map(({ volume, path }) => ({ kind: 'volume', volume, path }) as const),
  ];
}

export function nameOfSource(source: Source): string {
  if (source.kind === 'container') return `${source.path} of container ${source.container}`;
  if (source.kind === 'volume') return `${source.path} of volume ${source.volume}`;
  return source.path;
}

/**
 * Copies one source into the evidence: a folder verified by manifest, a file or a path of a container as a stream.
 * What is missing, too large, unreadable or slow is told; the others are kept all the same.
 * @param within aborts when the time for sources is used up
 * @throws ActFailure `stale-attempt`, `no-space`; the abort's reason of the room
 */
export async function keepSource(room: Room, source: Source, within: AbortSignal): Promise<KeptSource> {
  const name = `sources/${sha256(JSON.stringify(source)).slice(0, 8)}-${baseOf(source)}`;
  try {
    within.throwIfAborted();
    return { source, ...(await keep({ ...room, signal: AbortSignal.any([room.signal, within]) }, source, name)) };
  } catch (error) {
    room.signal.throwIfAborted();
    if (within.aborted) return { source, ...notKept('the time for it was used up') };
    const failure = asActFailure(error);
    if (failure.kind === 'stale-attempt' || failure.kind === 'no-space') throw failure;
    // A container without such a path. Whatever else went wrong, something is there that was not kept.
    const gone = failure.data['statusCode'] === 404;
    return { source, ...(gone ? missing('it is not there') : notKept(failure.message)) };
  }
}

async function keep(room: Room, source: Source, name: string): Promise<Found> {
  if (source.kind === 'container') return await keepFromContainer(room, source, name);
  if (source.kind !== 'volume') return await keepFromHost(room, source.path, name);
  const mountpoint = await room.world.docker.volumePath(source.volume);
  if (mountpoint === undefined) return missing(`there is no volume ${source.volume}`);
  return await keepFromHost(room, join(mountpoint, source.path), name);
}

async function keepFromContainer(room: Room, source: Source & { kind: 'container' }, name: string): Promise<Found> {
  const found = (await room.world.docker.list()).find((one) => one.name === source.container);
  if (found === undefined) return missing(`there is no container ${source.container}`);
  const from = { id: found.id, name: found.name, path: source.path };
  const { file, ...archive } = await keepArchive(room, from, `${name}.tar`, room.target.evidence.limits.fileBytes);
  return { status: 'kept', reason: 'as tar', at: file, manifest: null, ...archive };
}

async function keepFromHost(room: Room, path: string, name: string): Promise<Found> {
  const limit = room.target.evidence.limits.fileBytes;
  const to = join(room.rollback.evidenceDir, name);
  const real = realOf(path);
  if (real === undefined) return missing('it is not there');
  const stat = statSync(real);
  if (!stat.isDirectory()) {
    if (!stat.isFile()) return notKept('it is neither a file nor a folder');
    return stat.size > limit ? tooLarge(stat.size, limit) : await keepFile(room, real, to);
  }
  const bytes = await bytesBelow(real, room.signal);
  if (bytes > limit) return tooLarge(bytes, limit);
  const manifest = `${to}.manifest.jsonl`;
  // A killed attempt may have finished the copy without telling: a folder that is there is whole and verified.
  if (!nameExists(to)) {
    const { beforeEffect, signal } = room;
    await copyTree(real, to, { manifest, beforeEffect, signal });
  }
  return { status: 'kept', reason: 'copied and verified', at: to, bytes, manifest, sha256: null };
}

async function keepFile(room: Room, path: string, to: string): Promise<Found> {
  const sink = new EvidenceSink(room, to);
  try {
    for await (const part of createReadStream(path, { signal: room.signal }) as AsyncIterable<Buffer>) sink.add(part);
    const { sha256: hash, bytes } = sink.finish();
    return { status: 'kept', reason: 'copied', at: to, bytes, manifest: null, sha256: hash };
  } finally {
    sink.close();
  }
}

/** What the target names may itself be a link. */
function realOf(path: string): string | undefined {
  try {
    return realpathSync(path);
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes(errorCode(error) ?? '')) return undefined;
    throw error;
  }
}

/** Links are not followed. Names are bytes; what vanishes meanwhile counts for nothing. */
async function bytesBelow(folder: string, signal: AbortSignal): Promise<number> {
  let [bytes, seen] = [0, 0];
  const folders = [Buffer.from(folder)];
  for (let here = folders.pop(); here !== undefined; here = folders.pop()) {
    for (const entry of readdirSync(here, { withFileTypes: true, encoding: 'buffer' })) {
      const path = Buffer.concat([here, Buffer.from('/'), entry.name]);
      if (entry.isDirectory()) folders.push(path);
      else if (entry.isFile()) bytes += lstatSync(path, { throwIfNoEntry: false })?.size ?? 0;
      seen += 1;
      // A large tree must not keep the heartbeats waiting.
      if (seen % 256 === 0) await nextTurn();
      signal.throwIfAborted();
    }
  }
  return bytes;
}

function missing(reason: string): Found {
  return { status: 'missing', reason, at: null, bytes: 0, manifest: null, sha256: null };
}

function notKept(reason: string): Found {
  return { ...missing(reason), status: 'not-kept' };
}

function tooLarge(bytes: number, limit: number): Found {
  return notKept(`it holds ${bytes} bytes, more than the target's limit of ${limit}`);
}

function baseOf(source: Source): string {
  return (
    basename(source.path)
      .replaceAll(/[^A-Za-z0-9_.-]/g, '_')
      .replace(/^\.+/, '') || 'root'
  );
}
