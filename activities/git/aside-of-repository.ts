import { chownSync, existsSync, lchownSync, lstatSync, readdirSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
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

/**
 * What root moved aside, the owner of the place must be able to look at and to take away: the folders from ours down, and
 * what we wrote into them. Files that were moved keep whose they were.
 */
export function giveAside(aside: string): void {
  if (process.getuid?.() !== 0 || !existsSync(aside)) return;
  const ours = foldersOfOurs(aside);
  const { uid, gid } = lstatSync(dirname(ours.at(-1) ?? aside));
  for (const folder of ours) chownSync(folder, uid, gid);
  giveFolders(aside, { uid, gid });
  for (const file of ownFiles.map((name) => join(aside, name)).filter((path) => existsSync(path))) {
    lchownSync(file, uid, gid);
  }
}

/** What a restore writes beside what it keeps. */
const ownFiles = ['moved-aside.jsonl', 'before.jsonl'];

/** From the folder of a restore up to the one that we made in somebody's place. */
function foldersOfOurs(aside: string): readonly string[] {
  const folders: string[] = [];
  for (let at = aside; at !== dirname(at); at = dirname(at)) {
    folders.push(at);
    if (/^(\.durable-rollback-.+|durable-rollback)$/.test(basename(at))) return folders;
  }
  return [aside];
}

function giveFolders(folder: string, owner: Git['owner']): void {
  chownSync(folder, owner.uid, owner.gid);
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (entry.isDirectory()) giveFolders(join(folder, entry.name), owner);
  }
}
