import { closeSync, cpSync, existsSync, lstatSync, readlinkSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { z } from 'zod';
import { checkSpace } from '../../vault/copy-tree.ts';
import { DirTree } from '../../vault/dir-tree.ts';
import { ensureDir, readIfThere, writeFileDurably } from '../../vault/durable-file.ts';
import { Refused, VerifyFailed } from '../../vault/errors.ts';
import { hashDescriptor, openForReading } from '../../vault/hash-file.ts';
import { checkManifest } from '../../vault/manifest/read.ts';
import { writeManifest } from '../../vault/manifest/write.ts';
import { showPath, splitPath } from '../../vault/path-text.ts';
import { createNew, fillFile, placeSymlink } from '../../vault/place-entry.ts';
import { writeChangedPaths } from '../../vault/undo/changed-paths.ts';
import type { Git } from '../adapters/git.ts';
import type { Room } from '../kernel/room.ts';
import { changedPathsOf } from './changed-paths-of.ts';
import { type InTheWay, keyOf, type TreeComparison } from './compare-tree.ts';
import { operationFiles, readHead } from './read-repository.ts';

const schema = z.object({
  format: z.literal(1),
  at: z.string(),
  top: z.string(),
  gitDir: z.string(),
  head: z.string(),
  branch: z.string().nullable(),
  /** Copies of index, HEAD, refs and operation state. */
  state: z.array(z.string()),
  /** Working files that the return to the checkpoint changes: as bytes, or only named when they are moved aside. */
  how: z.enum(['copy', 'aside']),
  files: z.int(),
  bytes: z.int(),
  /** Folders and special files: no copy is made, they are moved aside whole. The first twenty. */
  movedOnly: z.array(z.string()),
  manifest: z.string(),
  contentHash: z.string(),
});

export type GitSafetyRecord = Readonly<z.infer<typeof schema>>;

export interface KeptGitState {
  readonly kind: 'done' | 'already-done';
  readonly record: GitSafetyRecord;
}

/** Record of the safety copy of the repository, or undefined when there is none. */
export function readGitSafety(room: Pick<Room, 'rollback'>): GitSafetyRecord | undefined {
  const text = readIfThere(recordFile(room));
  return text === undefined ? undefined : schema.parse(JSON.parse(text));
}

/**
 * Keeps what the return to the checkpoint will change: index, refs, HEAD and operation state into a private folder, and
 * the working files outside data roots as bytes, since `git add` would normalise line ends (design §4.7). The first copy
 * is kept and proven again, never made anew from a later state.
 * @throws Refused when space is short or files change meanwhile; VerifyFailed when the first copy is not as recorded
 */
export async function keepGitState(
  room: Room,
  git: Git,
  comparison: TreeComparison,
  how: 'copy' | 'aside',
): Promise<KeptGitState> {
  const known = readGitSafety(room);
  if (known !== undefined) {
    await proveCopy(room, known);
    return { kind: 'already-done', record: known };
  }
  const dir = gitSafetyDir(room);
  room.beforeEffect();
  // Without its record it was killed in between: nothing was changed yet, so it is made anew.
  rmSync(dir, { recursive: true, force: true });
  ensureDir(dir, 0o700);
  const things = distinct(comparison);
  const files = how === 'copy' ? things.filter(({ type }) => type === 'file' || type === 'symlink') : [];
  const bytes = files.reduce((sum, { bytes }) => sum + bytes, 0);
  checkSpace(dir, bytes);
  const { head, branch } = await readHead(git);
  const state = await keepState(room, git, join(dir, 'state'));
  room.beforeEffect();
  writeChangedPaths(changedPathsFile(room), changedPathsOf(git.top, comparison));
  await copyFiles(room, git, { files, into: join(dir, 'files') });
  const manifest = join(dir, 'files.jsonl');
  const { contentHash } = await writeManifest(join(dir, 'files'), manifest, { signal: room.signal });
  const record: GitSafetyRecord = {
    format: 1,
    at: new Date(room.world.now()).toISOString(),
    top: git.top,
    gitDir: git.gitDir,
    head,
    branch,
    state: [...state],
    how,
    files: files.length,
    bytes,
    movedOnly: things
      .filter((thing) => !files.includes(thing))
      .slice(0, 20)
      .map(({ path, type }) => `${showPath(path)} (${type})`),
    manifest,
    contentHash,
  };
  await proveCopy(room, record);
  room.beforeEffect();
  writeFileDurably(recordFile(room), `${JSON.stringify(record, null, 2)}\n`);
  return { kind: 'done', record };
}

/** Copies of index, HEAD, refs and operation state lie in `state`, working files as bytes in `files`. */
export function gitSafetyDir({ rollback }: Pick<Room, 'rollback'>): string {
  return join(rollback.safetyDir, 'git');
}

/** What stood at each path that the return changes, for the undo. */
export function changedPathsFile(room: Pick<Room, 'rollback'>): string {
  return join(gitSafetyDir(room), 'changed-paths.jsonl');
}

function recordFile(room: Pick<Room, 'rollback'>): string {
  return join(gitSafetyDir(room), 'git-state.json');
}

/** Two changed paths may have one thing in their way. */
function distinct({ outside }: TreeComparison): readonly InTheWay[] {
  const things = outside.flatMap(({ inTheWay }) => (inTheWay === null ? [] : [inTheWay]));
  return [...new Map(things.map((thing) => [keyOf(thing.path), thing])).values()];
}

/** What of the git folder says where it stands; objects are never removed by anything we do. */
async function keepState(room: Room, git: Git, into: string): Promise<readonly string[]> {
  ensureDir(into, 0o700);
  const own = ['HEAD', 'index', 'ORIG_HEAD', ...operationFiles].map((name) => join(git.gitDir, name));
  const common = ['packed-refs', 'refs'].map((name) => join(git.commonDir, name));
  const kept: string[] = [];
  for (const path of [...own, ...common]) {
    if (!existsSync(path)) continue;
    room.beforeEffect();
    cpSync(path, join(into, basename(path)), { recursive: true, verbatimSymlinks: true, preserveTimestamps: true });
    kept.push(basename(path));
  }
  const refs = await git.text(['for-each-ref', '--format=%(objectname) %(refname) %(symref)']);
  room.beforeEffect();
  writeFileDurably(join(into, 'refs.txt'), `${refs}\n`, 0o600);
  return [...kept, 'refs.txt'];
}

async function copyFiles(
  room: Room,
  git: Git,
  job: { readonly files: readonly InTheWay[]; readonly into: string },
): Promise<void> {
  ensureDir(job.into, 0o700);
  const from = new DirTree(git.top);
  const to = new DirTree(job.into);
  const folders = new Set<string>();
  try {
    for (const { path, type } of job.files) {
      room.signal.throwIfAborted();
      const { folder } = splitPath(path);
      room.beforeEffect();
      to.makeFolders(folder);
      folders.add(keyOf(folder));
      if (type === 'symlink') copyLink(from, to, path);
      else await copyFile(room, { from, to, path });
    }
    for (const folder of folders) to.sync(Buffer.from(folder, 'latin1'));
  } finally {
    from.close();
    to.close();
  }
}

function copyLink(from: DirTree, to: DirTree, path: Buffer): void {
  const at = from.at(path);
  const link = readlinkSync(at, { encoding: 'buffer' });
  placeSymlink(to.at(path), link, metadataOf(at));
}

async function copyFile(
  room: Room,
  { from, to, path }: { readonly from: DirTree; readonly to: DirTree; readonly path: Buffer },
): Promise<void> {
  const at = from.at(path);
  const metadata = metadataOf(at);
  const source = openForReading(at);
  try {
    const target = createNew(to.at(path));
    try {
      const { size } = lstatSync(at);
      const placed = await fillFile(source, target, { size, metadata, signal: room.signal });
      const { sha256 } = await hashDescriptor(source, room.signal);
      if (sha256 !== placed.sha256) throw changing(path);
    } finally {
      closeSync(target);
    }
  } finally {
    closeSync(source);
  }
}

function metadataOf(path: Buffer) {
  const stat = lstatSync(path, { bigint: true });
  const owner = { uid: Number(stat.uid), gid: Number(stat.gid) };
  return { ...owner, mode: Number(stat.mode) & 0o7777, mtimeUs: Number(stat.mtimeNs / 1000n) };
}

function changing(path: Buffer): Refused {
  return new Refused({
    reason: 'changing',
    path: showPath(path),
    why: 'it changed while it was copied',
    remedy: 'Stop what writes there.',
  });
}

/** Reads the copy back from the disk and holds it against what was recorded. */
async function proveCopy(room: Room, { manifest, contentHash, files }: GitSafetyRecord): Promise<void> {
  const dir = join(gitSafetyDir(room), 'files');
  const now = `${manifest}.check-${process.pid}`;
  try {
    const recorded = await checkManifest(manifest);
    const found = await writeManifest(dir, now, { signal: room.signal });
    const links = recorded.entries - recorded.files - recorded.dirs;
    const whole = found.contentHash === contentHash && recorded.contentHash === contentHash;
    if (whole && recorded.files + links === files) return;
    const reason = 'the copied working files are not those that were recorded';
    throw new VerifyFailed({ path: dir, count: 1, problems: [{ path: dir, reason }] });
  } finally {
    rmSync(now, { force: true });
  }
}
