import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { ensureDir } from '../../vault/durable-file.ts';
import { type ManifestSummary, writeManifest } from '../../vault/manifest/write.ts';
import { type PipedCommand, pipeCommand } from '../adapters/pipe-command.ts';
import { ActFailure } from '../kernel/failures.ts';
import type { Room } from '../kernel/room.ts';

export type DumpRoot = Extract<Room['target']['data'][number], { readonly kind: 'dump' }>;

/** Name of the file in a dump's folder. */
export const dumpFile = 'dump';

/** A dump on this host is bounded by the disk, not by memory. */
const maxBytes = Number.MAX_SAFE_INTEGER;

/**
 * Runs the target's dump command into a folder of its own and records it like any other data: a dump is a root of one
 * file.
 * @throws ActFailure `io-error` when the command does not end well: half a dump is none
 */
export async function takeDump(
  room: Room,
  root: DumpRoot,
  into: { readonly folder: string; readonly manifest: string },
): Promise<ManifestSummary> {
  const { command, timeoutMs } = root.dump;
  room.beforeEffect();
  rmSync(into.folder, { recursive: true, force: true });
  ensureDir(into.folder, 0o700);
  const file = join(into.folder, dumpFile);
  const ran = await pipeCommand({ ...runOf(room, command), timeoutMs, output: { maxBytes, file } });
  if (ran.exitCode !== 0 || ran.timedOut) throw notWell(root, 'dumped', ran);
  return await writeManifest(into.folder, into.manifest, { signal: room.signal });
}

/** Feeds a dump to the target's load command, which puts it in place of the present data. */
export async function loadDump(room: Room, root: DumpRoot, file: string): Promise<void> {
  const { command, timeoutMs } = root.load;
  const output = { maxBytes: 64 * 1024 };
  const ran = await pipeCommand({ ...runOf(room, command), timeoutMs, input: { file }, output });
  if (ran.exitCode !== 0 || ran.timedOut) throw notWell(root, 'loaded', ran);
}

/** The target's own word on the data; null when it has no command for it. */
export async function verifyDump(
  room: Room,
  root: DumpRoot,
): Promise<{ readonly good: boolean; readonly said: string } | null> {
  if (root.verify === undefined) return null;
  const { command, timeoutMs } = root.verify;
  const ran = await pipeCommand({ ...runOf(room, command), timeoutMs, output: { maxBytes: 64 * 1024 } });
  const good = ran.exitCode === 0 && !ran.timedOut;
  return { good, said: `${command[0] ?? ''} ${endingOf(ran)}` };
}

function runOf(
  room: Room,
  argv: readonly string[],
): Pick<PipedCommand, 'argv' | 'cwd' | 'environment' | 'marker' | 'signal'> {
  const known = Object.entries(room.world.secrets).filter(
    (pair): pair is [string, string] => pair[1] !== undefined && pair[0] !== 'DOCKER_CONTEXT',
  );
  return {
    argv,
    cwd: room.target.repository.path,
    // The engine of this rollback, whatever context would be chosen by now.
    environment: { ...Object.fromEntries(known), DOCKER_HOST: room.world.docker.endpoint },
    marker: room.marker,
    signal: room.signal,
  };
}

interface Ran {
  readonly exitCode: number | null;
  readonly timedOut: boolean;
  readonly stderr: string;
}

function notWell(root: DumpRoot, what: 'dumped' | 'loaded', ran: Ran): ActFailure {
  const said = ran.stderr.trim().split('\n').at(-1)?.slice(0, 200) ?? '';
  const why = `${endingOf(ran)}${said === '' ? '' : `: ${said}`}`;
  return new ActFailure('io-error', `${root.name} could not be ${what} (${why}); nothing was concluded from it.`);
}

function endingOf({ exitCode, timedOut }: Ran): string {
  return timedOut ? 'did not end in time' : `ended with ${exitCode ?? 'a signal'}`;
}
