import { lstatSync, type Stats } from 'node:fs';
import { DirTree, isAbsent } from '../../vault/dir-tree.ts';
import { componentsOf } from '../../vault/path-text.ts';
import type { Git } from '../adapters/git.ts';
import { failed } from '../adapters/git.ts';
import type { DataPaths } from './data-paths.ts';
import { withIndexOf } from './private-index.ts';

/** A path of the working tree that is not as in the commit. */
export interface PathChange {
  readonly path: Buffer;
  /** `write`: the commit has it, the working tree has it not or differs. `remove`: tracked now, not in the commit. */
  readonly todo: 'write' | 'remove';
  /** What is in the way and would be moved aside: the path itself, or a file or link where a folder has to be. */
  readonly inTheWay: InTheWay | null;
  /** Blob that belongs there; null for what has to go. */
  readonly blob: string | null;
}

export interface InTheWay {
  readonly path: Buffer;
  readonly type: 'file' | 'symlink' | 'dir' | 'other';
  readonly bytes: number;
  /** Git knows nothing of it: nobody else has these bytes. */
  readonly untracked: boolean;
}

export interface TreeComparison {
  readonly outside: readonly PathChange[];
  /** Tracked paths inside data roots that differ: kept, only counted. */
  readonly insideData: number;
}

interface TreeEntry {
  readonly mode: string;
  readonly oid: string;
}

/** A submodule: another repository, left alone. */
const gitlink = '160000';

/**
 * Compares the working tree with a commit by content, as git itself sees content (line ends, modes, links), whatever
 * HEAD and the real index say. Nothing is changed.
 */
export async function compareTree(git: Git, commit: string, data: DataPaths): Promise<TreeComparison> {
  const wanted = await treeOf(git, commit);
  const tracked = await trackedNow(git);
  const differing = await differingFrom(git, commit);
  const tree = new DirTree(git.top);
  try {
    const write = differing
      .filter((path) => wanted.get(keyOf(path))?.mode !== gitlink)
      .map((path) => {
        const inTheWay = whatIsInTheWay(tree, path, tracked);
        return { path, todo: 'write', inTheWay, blob: wanted.get(keyOf(path))?.oid ?? null } as const;
      });
    const remove = [...tracked]
      .filter(([key, mode]) => !wanted.has(key) && mode !== gitlink)
      .map(([key]) => Buffer.from(key, 'latin1'))
      .flatMap((path) => {
        const inTheWay = whatIsThere(tree, path, tracked);
        return inTheWay === null ? [] : [{ path, todo: 'remove', inTheWay, blob: null } as const];
      });
    const all: readonly PathChange[] = [...remove, ...write];
    return {
      outside: all.filter(({ path }) => !data.has(path)),
      insideData: all.filter(({ path }) => data.has(path)).length,
    };
  } finally {
    tree.close();
  }
}

/** Names are bytes: as latin1 text they can be keys. */
export function keyOf(path: Buffer): string {
  return path.toString('latin1');
}

/** Files of a commit by path. */
async function treeOf(git: Git, commit: string): Promise<ReadonlyMap<string, TreeEntry>> {
  const lines = await listed(git, ['ls-tree', '-r', '-z', '--full-tree', commit]);
  return new Map(
    lines.map((line) => {
      const tab = line.indexOf(0x09);
      const [mode = '', , oid = ''] = line.subarray(0, tab).toString('latin1').split(' ');
      return [keyOf(line.subarray(tab + 1)), { mode, oid }];
    }),
  );
}

/** What the real index tracks, with modes; without an index, what HEAD has. */
async function trackedNow(git: Git): Promise<ReadonlyMap<string, string>> {
  const lines = await listed(git, ['ls-files', '-z', '--stage', '--full-name']);
  const entries = lines.map((line): readonly [string, string] => {
    const tab = line.indexOf(0x09);
    return [keyOf(line.subarray(tab + 1)), line.subarray(0, 6).toString('latin1')];
  });
  return new Map(entries);
}

async function differingFrom(git: Git, commit: string): Promise<readonly Buffer[]> {
  return withIndexOf(git, commit, async (index) => {
    // Ends with 1 when something differs, which is what the next command lists.
    const refresh = ['update-index', '-q', '--refresh'];
    const refreshed = await git.pipe(refresh, { index });
    if (refreshed.exitCode === null || refreshed.exitCode > 1) throw failed(refresh, refreshed);
    return listed(git, ['diff-files', '-z', '--name-only', '--no-renames', '--no-ext-diff'], index);
  });
}

/** Items of an output that ends each with a zero byte. */
export async function listed(git: Git, args: readonly string[], index?: string): Promise<readonly Buffer[]> {
  const answer = await git.pipe(args, index === undefined ? {} : { index });
  if (answer.exitCode !== 0 || answer.truncated) throw failed(args, answer);
  const items: Buffer[] = [];
  let start = 0;
  for (let end = answer.stdout.indexOf(0); end !== -1; end = answer.stdout.indexOf(0, start)) {
    items.push(answer.stdout.subarray(start, end));
    start = end + 1;
  }
  return items;
}

/** The first thing on the way to a path that is no folder, else the path itself. */
function whatIsInTheWay(tree: DirTree, path: Buffer, tracked: ReadonlyMap<string, string>): InTheWay | null {
  let here: Buffer = Buffer.alloc(0);
  for (const name of componentsOf(path)) {
    here = here.length === 0 ? name : Buffer.concat([here, Buffer.from('/'), name]);
    const stat = statOf(tree, here);
    if (stat === undefined) return null;
    if (here.length === path.length || !stat.isDirectory()) return describe(here, stat, tracked);
  }
  return null;
}

function whatIsThere(tree: DirTree, path: Buffer, tracked: ReadonlyMap<string, string>): InTheWay | null {
  const stat = statOf(tree, path);
  // A folder where a tracked file was: what lies in it is not tracked and stays.
  return stat === undefined || stat.isDirectory() ? null : describe(path, stat, tracked);
}

function describe(path: Buffer, stat: Stats, tracked: ReadonlyMap<string, string>): InTheWay {
  const type = stat.isDirectory() ? 'dir' : stat.isSymbolicLink() ? 'symlink' : stat.isFile() ? 'file' : 'other';
  return { path, type, bytes: stat.isFile() ? stat.size : 0, untracked: !tracked.has(keyOf(path)) };
}

function statOf(tree: DirTree, path: Buffer): Stats | undefined {
  try {
    return lstatSync(tree.at(path), { throwIfNoEntry: false });
  } catch (error) {
    if (isAbsent(error)) return undefined;
    throw error;
  }
}
