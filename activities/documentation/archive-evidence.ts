import { chmodSync, renameSync, rmSync, statfsSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { FileRef } from '../../contract/step.ts';
import { copyMode, ensureDir, evidenceMode, readIfThere, syncDir, writeFileDurably } from '../../vault/durable-file.ts';
import { hashFile } from '../../vault/hash-file.ts';
import { pipeCommand } from '../adapters/pipe-command.ts';
import { type KeptSource, nameOfSource } from '../evidence/keep-source.ts';
import { ActFailure } from '../kernel/failures.ts';
import { sha256 } from '../kernel/records.ts';
import type { ActBody, Room } from '../kernel/room.ts';
import { type ArchiveEntry, type ArchiveInputs, archiveInputs } from './archive-inputs.ts';
import { readTar } from './read-tar.ts';

/** What goes into an archive, and who may read it. */
interface Kind {
  readonly suffix: string;
  readonly mode: number;
  readonly parts: readonly string[];
  readonly wanted: (path: string) => boolean;
}

/**
 * The private archive has everything raw, so that the inquiry needs nothing else. The one to share has the report, the
 * plans and only such evidence as was written without secrets (`….shareable.…`, design §4.12): raw logs, files of the
 * experiment and its results stay out of it.
 */
const kinds: readonly Kind[] = [
  {
    suffix: 'private',
    mode: evidenceMode,
    parts: ['report', 'plan', 'snapshot', 'evidence', 'target.json', 'request.json'],
    wanted: (path) => !isTemporary(path),
  },
  {
    suffix: 'shareable',
    mode: copyMode,
    parts: ['report', 'plan', 'evidence'],
    wanted: (path) => !isTemporary(path) && (!path.startsWith('evidence/') || basename(path).includes('.shareable.')),
  },
];

/** Half-written files are nobody's evidence. */
function isTemporary(path: string): boolean {
  return basename(path).startsWith('.tmp-');
}

/** Without these the archive is whole and yet not what one would look for. */
const expected = [
  'report/incident-report.md',
  'report/checklist.json',
  'report/judgement.json',
  'plan/containment.json',
  'evidence',
] as const;

/**
 * Runbook 4.2 "Data Preservation": evidence, report, plans and the results of the experiment (which are in the evidence
 * already, as they were) as archives with a manifest, read back entry by entry. The runbook's own `tar` says nothing of
 * an input that is missing (facts); here it is told. The files themselves stay where they are.
 * @throws ActFailure `no-space` before anything is written, `io-error` when an archive does not hold what it should
 */
export const archiveEvidence: ActBody = async (room) => {
  const missing = missingOf(room);
  const made: Made[] = [];
  for (const kind of kinds) made.push(await archive(room, kind));
  const [all] = made;
  const leftOut = all?.leftOut ?? [];
  return {
    outcome: made.some(({ fresh }) => fresh) ? 'done' : 'already-done',
    reason: [
      `${all?.entries ?? 0} entries are archived and read back (raw, private), ${made[1]?.entries ?? 0} of them to share.`,
      ...(missing.length === 0 ? [] : [`Missing: ${missing.slice(0, 8).join('; ')}.`]),
      ...(leftOut.length === 0 ? [] : [`Left out, as no archive holds them: ${leftOut.slice(0, 5).join(', ')}.`]),
    ].join(' '),
    figures: {
      entries: all?.entries ?? 0,
      bytes: all?.file.bytes ?? 0,
      shareable: made[1]?.entries ?? 0,
      missing: missing.length,
      leftOut: leftOut.length,
    },
    files: made.flatMap(({ file, manifest }) => [file, manifest]),
  };
};

/** What should have been there, and what the capture of the sources could not get. */
function missingOf({ rollback }: Room): readonly string[] {
  const gone = expected.filter((path) => statSync(join(rollback.dir, path), { throwIfNoEntry: false }) === undefined);
  const text = readIfThere(join(rollback.evidenceDir, 'sources.json'));
  const sources = text === undefined ? [] : (JSON.parse(text) as readonly KeptSource[]);
  const lost = sources.filter(({ status }) => status !== 'kept');
  return [...gone, ...lost.map(({ source, reason }) => `${nameOfSource(source)} (${reason})`)];
}

interface Made {
  readonly fresh: boolean;
  readonly entries: number;
  readonly leftOut: readonly string[];
  readonly file: FileRef;
  readonly manifest: FileRef;
}

async function archive(room: Room, kind: Kind): Promise<Made> {
  const { rollback, signal } = room;
  room.progress(`hashes what goes into the ${kind.suffix} archive`);
  const inputs = await archiveInputs(rollback.dir, kind.parts, { signal, wanted: kind.wanted });
  const name = `${rollback.rollbackId}-${kind.suffix}`;
  const file = join(rollback.archiveDir, `${name}.tar.gz`);
  const manifest = join(rollback.archiveDir, `${name}.manifest.jsonl`);
  const text = `${inputs.entries.map((entry) => JSON.stringify(entry)).join('\n')}\n`;
  const fresh = !(await standsAlready(room, { file, manifest, text, inputs }));
  if (fresh) await make(room, { file, manifest, text, inputs, mode: kind.mode });
  const { sha256: hash, bytes } = await hashFile(file, signal);
  return {
    fresh,
    entries: inputs.entries.length,
    leftOut: inputs.leftOut,
    file: { path: file, sha256: hash, bytes },
    manifest: { path: manifest, sha256: sha256(text), bytes: Buffer.byteLength(text) },
  };
}

interface Wanted {
  readonly file: string;
  readonly manifest: string;
  /** Of the manifest. */
  readonly text: string;
  readonly inputs: ArchiveInputs;
}

async function standsAlready(room: Room, { file, manifest, text, inputs }: Wanted): Promise<boolean> {
  if (readIfThere(manifest) !== text || statSync(file, { throwIfNoEntry: false }) === undefined) return false;
  return (await differenceOf(file, inputs.entries, room.signal)) === null;
}

/** Manifest first, archive under another name, read back, then its name: what has the name is whole. */
async function make(room: Room, wanted: Wanted & { readonly mode: number }): Promise<void> {
  const { rollback, signal } = room;
  const { file, manifest, text, inputs, mode } = wanted;
  refuseWithoutSpace(room, inputs);
  room.beforeEffect();
  ensureDir(rollback.archiveDir);
  writeFileDurably(manifest, text, mode);
  const temp = `${file}.part`;
  try {
    room.progress(`writes ${basename(file)}`);
    room.beforeEffect();
    rmSync(temp, { force: true });
    await pack(room, inputs, temp);
    room.progress(`reads ${basename(file)} back`);
    const difference = await differenceOf(temp, inputs.entries, signal);
    if (difference !== null) {
      throw new ActFailure(
        'io-error',
        `${basename(file)} was thrown away: ${difference}. What it should hold is untouched in ${rollback.dir}.`,
      );
    }
    room.beforeEffect();
    chmodSync(temp, mode);
    renameSync(temp, file);
    syncDir(rollback.archiveDir);
  } finally {
    rmSync(temp, { force: true });
  }
}

/** Room for the inputs uncompressed and some more: what cannot be compressed does not get smaller. */
function refuseWithoutSpace({ rollback }: Room, { entries }: ArchiveInputs): void {
  const bytes = entries.reduce((sum, entry) => sum + entry.bytes + 1024, 0);
  const { bavail, bsize } = statfsSync(rollback.dir);
  if (bavail * bsize > bytes + 16 * 1024 * 1024) return;
  throw new ActFailure(
    'no-space',
    `The archive may need ${bytes} bytes and ${bavail * bsize} are free; none was written, the evidence is untouched.`,
  );
}

const packWithinMs = 10 * 60_000;

async function pack(room: Room, { entries }: ArchiveInputs, file: string): Promise<void> {
  const list = Buffer.from(entries.map(({ path }) => `${path}\0`).join(''));
  const argv = ['--create', '--gzip', '--format=posix', '--hard-dereference', '--no-recursion', '--null'];
  const packed = await pipeCommand({
    argv: ['tar', ...argv, '--verbatim-files-from', '--files-from=-'],
    cwd: room.rollback.dir,
    environment: { PATH: process.env['PATH'] ?? '/usr/bin:/bin', LC_ALL: 'C.UTF-8' },
    timeoutMs: packWithinMs,
    marker: room.marker,
    signal: room.signal,
    input: list,
    output: { maxBytes: Number.MAX_SAFE_INTEGER, file },
  });
  if (packed.exitCode === 0) return;
  const how = packed.timedOut ? 'did not end in time' : `ended ${packed.exitCode ?? packed.signal}`;
  const said = packed.stderr.trim().split('\n')[0] ?? '';
  throw new ActFailure('io-error', `tar ${how}: ${said}. No archive was made; the evidence is untouched.`);
}

/** @returns in words, where the archive is not what the manifest says; null when it is */
async function differenceOf(
  file: string,
  entries: readonly ArchiveEntry[],
  signal: AbortSignal,
): Promise<string | null> {
  let found: readonly ArchiveEntry[];
  try {
    found = await readTar(file, signal);
  } catch (error) {
    signal.throwIfAborted();
    return `it cannot be read back (${error instanceof Error ? error.message : String(error)})`;
  }
  const lines = new Map(found.map((entry) => [entry.path, JSON.stringify(entry)]));
  const differing = entries.filter((entry) => lines.get(entry.path) !== JSON.stringify(entry));
  const [first] = differing;
  if (first !== undefined) return `${differing.length} entries are not as in the manifest, first ${first.path}`;
  return found.length === entries.length ? null : `it holds ${found.length} entries instead of ${entries.length}`;
}
