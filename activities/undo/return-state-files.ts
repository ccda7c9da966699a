import {
  chownSync,
  cpSync,
  existsSync,
  lchownSync,
  lstatSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
} from 'node:fs';
import { join } from 'node:path';
import { ensureDir, nameExists, syncDir, writeFileDurably } from '../../vault/durable-file.ts';
import type { Git } from '../adapters/git.ts';
import { asideOfRepository, giveAside } from '../git/aside-of-repository.ts';
import type { Room } from '../kernel/room.ts';
import { type GitBefore, sameState, stateFiles } from './undo-git.ts';

/**
 * Index, ORIG_HEAD and the files of an operation in progress, byte by byte as they were; what is there now goes aside.
 * Of each the old one is in place whole or not at all.
 */
export async function returnStateFiles(room: Room, git: Git, before: GitBefore): Promise<'done' | 'already'> {
  const names = stateFiles.filter((name) => !sameState(git, before, name));
  if (names.length === 0) return 'already';
  const aside = `${asideOfRepository(git, room.input.rollbackId, 'worktree')}.state`;
  return room.effect(
    { kind: 'return-state', target: git.gitDir, recovery: 'do-again', detail: { names } },
    async () => {
      for (const name of names) {
        keepPresent(room, git, { name, aside });
        const from = join(before.stateDir, name);
        if (nameExists(from)) putBack(room, git, { name, from });
      }
      syncDir(git.gitDir);
      giveAside(aside);
      return 'done';
    },
  );
}

/** The index is copied and stays until it is replaced: git must never see none. */
function keepPresent(room: Room, git: Git, { name, aside }: { readonly name: string; readonly aside: string }): void {
  const path = join(git.gitDir, name);
  if (!nameExists(path)) return;
  room.beforeEffect();
  ensureDir(aside, 0o700);
  const to = join(aside, existsSync(join(aside, name)) ? `${name}.${room.world.now()}` : name);
  if (lstatSync(path).isFile()) writeFileDurably(to, readFileSync(path), 0o600);
  else renameSync(path, to);
  syncDir(aside);
}

function putBack(room: Room, git: Git, { name, from }: { readonly name: string; readonly from: string }): void {
  const to = join(git.gitDir, name);
  room.beforeEffect();
  if (lstatSync(from).isDirectory()) {
    const staged = `${to}.durable-rollback`;
    rmSync(staged, { recursive: true, force: true });
    cpSync(from, staged, { recursive: true, verbatimSymlinks: true, preserveTimestamps: true });
    give(staged, git);
    room.beforeEffect();
    renameSync(staged, to);
    return;
  }
  writeFileDurably(to, readFileSync(from), lstatSync(from).mode & 0o7777);
  give(to, git);
}

/** Git runs as the repository's owner, who has to be able to write what we put there as root. */
export function give(path: string, { owner }: Pick<Git, 'owner'>): void {
  if (process.getuid?.() !== 0) return;
  if (!lstatSync(path).isDirectory()) {
    lchownSync(path, owner.uid, owner.gid);
    return;
  }
  chownSync(path, owner.uid, owner.gid);
  for (const name of readdirSync(path)) give(join(path, name), { owner });
}
