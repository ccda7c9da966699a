import { chownSync, lstatSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { asideDirFor } from '../../vault/restore-tree.ts';
import type { Git } from '../adapters/git.ts';

/**
 * Where files of the working tree are moved aside: inside the git folder, which no `git clean` empties and no status
 * shows; beside the repository where that lies on another filesystem, since nothing is copied there.
 */
export function asideOfRepository(git: Pick<Git, 'top' | 'gitDir'>, rollbackId: string, name: string): string {
  const inside = join(git.gitDir, 'durable-rollback', rollbackId, name);
  if (lstatSync(git.gitDir).dev === lstatSync(git.top).dev) return inside;
  return join(dirname(asideDirFor(git.top, rollbackId)), name);
}

/** What root moved aside, the repository's owner must be able to look at. Folders only: files keep whose they were. */
export function giveFolders(folder: string, owner: Git['owner']): void {
  if (process.getuid?.() !== 0) return;
  chownSync(folder, owner.uid, owner.gid);
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (entry.isDirectory()) giveFolders(join(folder, entry.name), owner);
  }
}
