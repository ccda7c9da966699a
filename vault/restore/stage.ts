import { closeSync, linkSync, lstatSync } from 'node:fs';
import { inOrder } from '../bounded.ts';
import { DirTree, isAbsent } from '../dir-tree.ts';
import { syncDir } from '../durable-file.ts';
import { errorCode, type PathProblem, SourceRefused } from '../errors.ts';
import { openForReading } from '../hash-file.ts';
import type { ManifestEntry } from '../manifest/entry.ts';
import { showPath } from '../path-text.ts';
import { createNew, fillFile, placeSymlink } from '../place-entry.ts';
import { applyXattrs, type Xattrs } from '../xattrs.ts';
import type { RestoreWork, Todo } from './restore-work.ts';

/**
 * Copies what the target lacks out of the source into the stage, with its metadata, hashed and durable. All of it
 * before the first change in the target: a source that is missing, empty or wrong is found while nothing is touched.
 * @throws SourceRefused with every bad path
 */
export async function stageSources(work: RestoreWork): Promise<void> {
  const source = new DirTree(work.request.copy);
  const problems: PathProblem[] = [];
  const xattrs = new Map<string, Xattrs>();
  let [count, entries, bytes] = [0, 0, 0];
  try {
    for await (const problem of inOrder(work.todos(), 8, (todo) => stageOne(work, source, todo))) {
      entries += 1;
      bytes += problem.bytes;
      if (problem.xattrs !== undefined) xattrs.set(problem.name, problem.xattrs);
      if (problem.reason !== undefined) {
        count += 1;
        if (problems.length < 20) problems.push({ path: problem.shown, reason: problem.reason });
      }
      if (entries % 256 === 0) work.request.onProgress?.({ phase: 'stage', entries, bytes });
    }
  } finally {
    source.close();
  }
  if (count > 0) throw new SourceRefused({ source: work.request.copy, count, problems });
  if (!(await applyXattrs(work.stageDir, xattrs))) work.except('extended attributes could not all be set');
  syncDir(work.stageDir);
}

interface Staged {
  readonly name: string;
  readonly shown: string;
  readonly bytes: number;
  readonly reason?: string;
  readonly xattrs?: Xattrs | undefined;
}

async function stageOne(work: RestoreWork, source: DirTree, todo: Todo): Promise<Staged> {
  const { a } = todo.difference;
  const staged: Staged = { name: String(todo.number), shown: showPath(todo.difference.path), bytes: 0 };
  if (a === undefined || !needsStage(work, todo)) return staged;
  work.request.beforeEffect();
  if (a.link !== undefined) {
    noteOwner(work, a, placeSymlink(Buffer.from(work.stagedName(todo)), a.link, a));
    return staged;
  }
  const reason = await stageFile(work, source, { todo, entry: a });
  return { ...staged, bytes: a.size, xattrs: a.xattrs, ...(reason === undefined ? {} : { reason }) };
}

/** A file with names elsewhere gets a new inode: a change of its metadata would show under the other names. */
function needsStage(work: RestoreWork, { action, difference }: Todo): boolean {
  if (action === 'put') return true;
  if (action !== 'set-metadata' || difference.a?.type !== 'file') return false;
  const stat = lstatSync(work.target.at(difference.path), { throwIfNoEntry: false });
  return stat !== undefined && stat.nlink > 1;
}

async function stageFile(
  work: RestoreWork,
  source: DirTree,
  { todo, entry }: { readonly todo: Todo; readonly entry: ManifestEntry },
): Promise<string | undefined> {
  let from: number;
  try {
    from = openForReading(source.at(entry.path));
  } catch (error) {
    if (isAbsent(error)) return 'it is missing in the source';
    const code = errorCode(error);
    if (code === 'EACCES' || code === 'EIO') return `it cannot be read in the source (${code})`;
    throw error;
  }
  try {
    const to = createNew(work.stagedName(todo));
    try {
      const placed = await fillFile(from, to, { size: entry.size, metadata: entry, signal: work.request.signal });
      noteOwner(work, entry, placed.ownerKept);
      if (placed.bytes === 0 && entry.size > 0) return 'it is empty in the source and must not be';
      return placed.sha256 === entry.sha256 ? undefined : 'its content in the source has the wrong hash';
    } finally {
      closeSync(to);
    }
  } finally {
    closeSync(from);
  }
}

function noteOwner(work: RestoreWork, entry: ManifestEntry, kept: boolean): void {
  if (!kept) work.except(`${showPath(entry.path)}: owner ${entry.uid}:${entry.gid} may not be set by this account`);
}

/** Stages a further name of a file that is in place already. */
export function stageHardLink(work: RestoreWork, todo: Todo, first: Buffer): void {
  const other = new DirTree(work.request.target);
  try {
    linkSync(other.at(first), work.stagedName(todo));
  } finally {
    other.close();
  }
}
