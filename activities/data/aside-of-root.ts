import { lstatSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { asideDirFor } from '../../vault/restore-tree.ts';
import { asideOfRepository } from '../git/aside-of-repository.ts';
import { gitOf } from '../git/git-of.ts';
import { asActFailure } from '../kernel/act.ts';
import type { Room } from '../kernel/room.ts';
import { noteStaging } from './note-staging.ts';
import { prefixOf } from './root-in-git.ts';

/**
 * Where a data root is staged and its replaced files are kept: on its own filesystem, since everything goes there by a
 * rename. In the git folder for a root of the repository (a `git clean` would empty a folder beside it), beside the root
 * elsewhere, and inside a root that is itself a mount point. It is noted in the state folder before it is used.
 */
export async function asideOfRoot(room: Room, root: string, path: string): Promise<string> {
  const aside = await choose(room, root, path);
  noteStaging(room, { what: root, path, aside });
  return aside;
}

async function choose(room: Room, root: string, path: string): Promise<string> {
  const { rollbackId } = room.input;
  const device = deviceNumber(path);
  const inGit = await insideGit(room, root);
  if (inGit !== undefined && device !== undefined && inGit.device === device) return inGit.aside;
  const beside = asideDirFor(path, rollbackId);
  if (device === undefined || deviceNumber(dirname(path)) === device) return beside;
  return join(path, `.durable-rollback-${rollbackId}`);
}

async function insideGit(room: Room, root: string) {
  try {
    const git = await gitOf(room);
    if (prefixOf(room, git, root) === undefined) return undefined;
    return { aside: asideOfRepository(git, room.input.rollbackId, root), device: lstatSync(git.gitDir).dev };
  } catch (error) {
    room.signal.throwIfAborted();
    const { kind } = asActFailure(error);
    // Data may lie anywhere: a folder that is no repository has none to hide them in.
    if (kind === 'git-failed' || kind === 'refused') return undefined;
    throw error;
  }
}

function deviceNumber(path: string): number | undefined {
  return lstatSync(path, { throwIfNoEntry: false })?.dev;
}
