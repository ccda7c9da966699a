import { lstatSync, readlinkSync, type Stats } from 'node:fs';
import { DirTree, isAbsent } from '../dir-tree.ts';
import type { PathProblem } from '../errors.ts';
import { hashFile } from '../hash-file.ts';
import type { ManifestEntry } from '../manifest/entry.ts';
import { readManifest } from '../manifest/read.ts';
import { showPath } from '../path-text.ts';
import { firstKept } from '../restore/aside-area.ts';
import type { ChangedPath } from './changed-paths.ts';

/** Verified copies of the files and links that a rollback changed. */
export interface CopiedPaths {
  readonly dir: string;
  readonly manifest: string;
}

/** Whether every path is as it was; reads only. @returns those that are not, the first twenty */
export async function unreturnedPaths(request: {
  readonly root: string;
  readonly changes: readonly ChangedPath[];
  readonly copy: CopiedPaths | null;
  readonly rollbackAside: string;
}): Promise<readonly PathProblem[]> {
  const entries = await entriesOf(request.copy);
  const kept = firstKept(request.rollbackAside);
  const tree = new DirTree(request.root);
  const problems: PathProblem[] = [];
  try {
    for (const { path, was } of request.changes) {
      const reason = await differs(tree, { path, was, entry: entries.get(keyOf(path)), kept: kept.get(keyOf(path)) });
      if (reason !== null && problems.length < 20) problems.push({ path: showPath(path), reason });
    }
    return problems;
  } finally {
    tree.close();
  }
}

/** Why a path is not as it was, in words; null when it is. */
export async function differs(
  tree: DirTree,
  job: {
    readonly path: Buffer;
    readonly was: ChangedPath['was'];
    readonly entry: ManifestEntry | undefined;
    readonly kept: string | undefined;
  },
): Promise<string | null> {
  const { path, was, entry, kept } = job;
  const now = statOf(tree, path);
  if (was === 'absent') return now === undefined ? null : 'it is there and was not';
  if (now === undefined) return 'it is not there';
  if (entry !== undefined) return (await isEntry(tree, path, entry)) ? null : 'it has other content';
  if (typeOf(now) !== was) return `it is a ${typeOf(now)} and was a ${was}`;
  return kept !== undefined && existsIn(kept, path) ? 'what stood there is still moved aside' : null;
}

export async function entriesOf(copy: CopiedPaths | null): Promise<ReadonlyMap<string, ManifestEntry>> {
  const entries = new Map<string, ManifestEntry>();
  if (copy === null) return entries;
  for await (const entry of readManifest(copy.manifest))
    if (entry.type !== 'dir') entries.set(keyOf(entry.path), entry);
  return entries;
}

export async function isEntry(tree: DirTree, path: Buffer, entry: ManifestEntry): Promise<boolean> {
  const stat = statOf(tree, path);
  if (stat === undefined || typeOf(stat) !== entry.type) return false;
  if (entry.type === 'symlink')
    return readlinkSync(tree.at(path), { encoding: 'buffer' }).equals(entry.link ?? Buffer.of());
  if ((stat.mode & 0o7777) !== entry.mode || stat.size !== entry.size) return false;
  return (await hashFile(tree.at(path))).sha256 === entry.sha256;
}

export function existsIn(dir: string, path: Buffer): boolean {
  let tree: DirTree;
  try {
    tree = new DirTree(dir);
  } catch (error) {
    if (isAbsent(error)) return false;
    throw error;
  }
  try {
    return statOf(tree, path) !== undefined;
  } finally {
    tree.close();
  }
}

export function statOf(tree: DirTree, path: Buffer): Stats | undefined {
  try {
    return lstatSync(tree.at(path), { throwIfNoEntry: false });
  } catch (error) {
    if (isAbsent(error)) return undefined;
    throw error;
  }
}

function typeOf(stat: Stats): 'file' | 'dir' | 'symlink' | 'other' {
  if (stat.isFile()) return 'file';
  if (stat.isDirectory()) return 'dir';
  return stat.isSymbolicLink() ? 'symlink' : 'other';
}

export function keyOf(path: Buffer): string {
  return path.toString('latin1');
}
