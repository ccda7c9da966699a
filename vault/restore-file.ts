import { randomBytes } from 'node:crypto';
import { closeSync, lstatSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { checkSpace } from './copy-tree.ts';
import { DirTree, isAbsent } from './dir-tree.ts';
import { ensureDir, syncDir } from './durable-file.ts';
import { Refused, SourceRefused, VerifyFailed } from './errors.ts';
import { hashFile, openForReading } from './hash-file.ts';
import { microsecondsOf } from './mtime.ts';
import { showPath, splitPath } from './path-text.ts';
import { createNew, fillFile, type Metadata } from './place-entry.ts';
import { AsideArea } from './restore/aside-area.ts';
import { type RestoreJournal, sqliteCompanions } from './restore/restore-types.ts';

export interface RestoreFileRequest {
  /** File to restore from: a `*.backup` file, a git blob that was written out. Read, never consumed. */
  readonly source: string | Buffer;
  /** What the plan saw in the source; a source that has changed since is refused. */
  readonly expectedSha256: string;
  /** Real path of the folder that must not be left. */
  readonly root: string;
  /** Path of the file to restore, relative to `root`. */
  readonly path: Buffer;
  /** Where the old content goes; on the filesystem of `root`. */
  readonly asideDir: string;
  /** Owner, mode and time; default: owner and mode of the file that is replaced, else of the source. */
  readonly metadata?: Metadata | undefined;
  /** An empty source is refused unless it is known to be right: an empty backup must not replace good data. */
  readonly allowEmpty?: boolean | undefined;
  readonly companions?: readonly string[] | undefined;
  readonly journal?: RestoreJournal | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly beforeEffect: () => void;
}

export interface RestoreFileResult {
  readonly kind: 'done' | 'already-done';
  readonly sha256: string;
  readonly bytes: number;
  /** What was kept in `asideDir`: the old content, and journals that belonged to it. For people. */
  readonly movedAside: readonly string[];
  readonly ownerKept: boolean;
}

/**
 * Restores one file with the guarantees of `restoreTree`: staged, hashed, fsynced, old content kept, renamed, folder
 * fsynced; safe against a kill at any point; no link below `root` is followed.
 * @throws SourceRefused, Refused: the target is as it was
 */
export async function restoreFile(request: RestoreFileRequest): Promise<RestoreFileResult> {
  const tree = new DirTree(request.root);
  try {
    const now = await contentNow(tree, request);
    const stale = companionsOf(tree, request);
    if (now === request.expectedSha256 && stale.length === 0) return alreadyDone(tree, request);
    return await replace(tree, request, { stale, contentIsRight: now === request.expectedSha256 });
  } finally {
    tree.close();
  }
}

interface Found {
  readonly stale: readonly Buffer[];
  readonly contentIsRight: boolean;
}

async function replace(tree: DirTree, request: RestoreFileRequest, found: Found): Promise<RestoreFileResult> {
  const shown = showPath(request.path);
  request.beforeEffect();
  ensureDir(request.asideDir, 0o700);
  refuseOtherFilesystem(request);
  const stageDir = join(request.asideDir, `attempt-${process.pid}-${randomBytes(4).toString('hex')}`);
  mkdirSync(stageDir, { mode: 0o700 });
  try {
    const aside = new AsideArea(request.asideDir, tree);
    try {
      const staged = join(stageDir, 'file');
      const placed = await stage(tree, request, staged);
      const intent = request.journal?.intent({ kind: 'restore-file', target: `${request.root}/${shown}` });
      const movedAside = keepOld(tree, aside, request, found);
      if (!found.contentIsRight) putNew(tree, request, staged);
      await verify(tree, request);
      if (intent !== undefined) request.journal?.confirm(intent, 'done', `sha256 ${placed.sha256}`);
      return { kind: 'done', ...placed, movedAside };
    } finally {
      aside.close();
    }
  } finally {
    rmSync(stageDir, { recursive: true, force: true });
  }
}

async function stage(tree: DirTree, request: RestoreFileRequest, staged: string) {
  const from = openSource(request);
  try {
    const old = lstatOf(tree, request.path);
    // The mode of a link or folder that stands there is none for a file: a link's lets everybody write.
    const stat = old?.isFile() === true ? old : lstatSync(request.source, { bigint: true });
    const size = Number(lstatSync(request.source).size);
    checkSpace(request.asideDir, size);
    const own = { mode: Number(stat.mode) & 0o7777, uid: Number(stat.uid), gid: Number(stat.gid) };
    const metadata = request.metadata ?? {
      ...own,
      mtimeUs: microsecondsOf(lstatSync(request.source, { bigint: true }).mtimeNs),
    };
    const to = createNew(staged);
    try {
      const placed = await fillFile(from, to, { size, metadata, signal: request.signal });
      if (placed.bytes === 0 && request.allowEmpty !== true) throw refusedSource(request, 'it is empty');
      if (placed.sha256 !== request.expectedSha256) throw refusedSource(request, 'its content has the wrong hash');
      return placed;
    } finally {
      closeSync(to);
    }
  } finally {
    closeSync(from);
  }
}

function keepOld(tree: DirTree, aside: AsideArea, request: RestoreFileRequest, found: Found): string[] {
  const moved: string[] = [];
  // Journals go first: the new content must never be seen beside them.
  for (const path of found.stale) {
    request.beforeEffect();
    const bytes = Number(lstatOf(tree, path)?.size ?? 0);
    aside.keep({ path, why: 'belongs to the replaced content', bytes, how: 'move' });
    moved.push(showPath(path));
  }
  const old = lstatOf(tree, request.path);
  if (old !== undefined && !found.contentIsRight) {
    request.beforeEffect();
    const how = old.isDirectory() ? 'move' : 'link';
    aside.keep({ path: request.path, why: 'replaced', bytes: Number(old.size), how });
    moved.push(showPath(request.path));
  }
  request.beforeEffect();
  aside.sync();
  // Where nothing was moved the folder may not even be there.
  if (moved.length > 0) tree.sync(splitPath(request.path).folder);
  return moved;
}

function putNew(tree: DirTree, request: RestoreFileRequest, staged: string): void {
  const { folder } = splitPath(request.path);
  request.beforeEffect();
  tree.makeFolders(folder);
  renameSync(staged, tree.at(request.path));
  tree.sync(folder);
  syncDir(join(staged, '..'));
}

async function verify(tree: DirTree, request: RestoreFileRequest): Promise<void> {
  const now = await contentNow(tree, request);
  if (now === request.expectedSha256) return;
  const problem = { path: showPath(request.path), reason: 'content differs from what was put there' };
  throw new VerifyFailed({ path: request.root, count: 1, problems: [problem] });
}

function alreadyDone(tree: DirTree, request: RestoreFileRequest): RestoreFileResult {
  const bytes = Number(lstatOf(tree, request.path)?.size ?? 0);
  return { kind: 'already-done', sha256: request.expectedSha256, bytes, movedAside: [], ownerKept: true };
}

/** Hash of the regular file that is there now; undefined when it is absent or something else. */
async function contentNow(tree: DirTree, { path, signal }: RestoreFileRequest): Promise<string | undefined> {
  const stat = lstatOf(tree, path);
  if (stat === undefined || !stat.isFile()) return undefined;
  return (await hashFile(tree.at(path), signal)).sha256;
}

function companionsOf(tree: DirTree, request: RestoreFileRequest): Buffer[] {
  return (request.companions ?? sqliteCompanions)
    .map((ending) => Buffer.concat([request.path, Buffer.from(ending)]))
    .filter((path) => lstatOf(tree, path) !== undefined);
}

function lstatOf(tree: DirTree, path: Buffer) {
  try {
    return lstatSync(tree.at(path), { bigint: true, throwIfNoEntry: false });
  } catch (error) {
    if (isAbsent(error)) return undefined;
    throw error;
  }
}

function openSource(request: RestoreFileRequest): number {
  try {
    return openForReading(request.source);
  } catch (error) {
    if (isAbsent(error)) throw refusedSource(request, 'it is missing, or a link');
    throw error;
  }
}

function refusedSource({ source, path }: RestoreFileRequest, reason: string): SourceRefused {
  const name = showPath(typeof source === 'string' ? Buffer.from(source) : source);
  return new SourceRefused({ source: name, count: 1, problems: [{ path: showPath(path), reason }] });
}

function refuseOtherFilesystem({ root, asideDir }: RestoreFileRequest): void {
  if (lstatSync(root).dev === lstatSync(asideDir).dev) return;
  const why = `${asideDir} lies on another filesystem`;
  throw new Refused({
    reason: 'other-filesystem',
    path: root,
    why,
    remedy: 'Give a folder on the filesystem of the root.',
  });
}
