import { lstatSync } from 'node:fs';
import { DirTree, isAbsent } from '../../vault/dir-tree.ts';
import { componentsOf, joinPath } from '../../vault/path-text.ts';
import type { ChangedPath } from '../../vault/undo/changed-paths.ts';
import { keyOf, type TreeComparison } from './compare-tree.ts';

/**
 * What stands at every path that the return to the checkpoint will change, for the undo: also that nothing stands there,
 * and from which folder on, since the return makes both.
 */
export function changedPathsOf(top: string, { outside }: Pick<TreeComparison, 'outside'>): readonly ChangedPath[] {
  const changes = new Map<string, ChangedPath>();
  const tree = new DirTree(top);
  try {
    for (const { path, inTheWay } of outside) {
      if (inTheWay !== null) changes.set(keyOf(inTheWay.path), { path: inTheWay.path, was: inTheWay.type });
      if (inTheWay === null || !inTheWay.path.equals(path)) {
        const firstMissing = firstMissingOf(tree, path);
        changes.set(keyOf(path), { path, was: 'absent', ...(firstMissing === null ? {} : { firstMissing }) });
      }
    }
  } finally {
    tree.close();
  }
  return [...changes.values()];
}

function firstMissingOf(tree: DirTree, path: Buffer): Buffer | null {
  let here: Buffer = Buffer.alloc(0);
  for (const name of componentsOf(path)) {
    here = joinPath(here, name);
    if (!isThere(tree, here)) return here.equals(path) ? null : here;
  }
  return null;
}

function isThere(tree: DirTree, path: Buffer): boolean {
  try {
    return lstatSync(tree.at(path), { throwIfNoEntry: false }) !== undefined;
  } catch (error) {
    if (isAbsent(error)) return false;
    throw error;
  }
}
