import { lstatSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ensureDir, nameExists, writeFileDurably } from '../../vault/durable-file.ts';
import type { Git } from '../adapters/git.ts';
import { readHead } from '../git/read-repository.ts';
import { peel } from '../git/resolve-commit.ts';
import { ActFailure } from '../kernel/failures.ts';
import type { Room } from '../kernel/room.ts';
import { give } from './return-state-files.ts';
import type { GitBefore } from './undo-git.ts';

/**
 * HEAD where it was. A branch that somebody has moved since is theirs and is not moved back. Lines that rollback
 * and undo wrote into HEAD's reflog go, as long as nobody has written behind them.
 * @throws ActFailure `refused` when the branch stands elsewhere by now
 */
export async function returnHead(
  room: Room,
  git: Git,
  { before, rollbackId }: { readonly before: GitBefore; readonly rollbackId: string },
): Promise<'done' | 'already'> {
  const { head, branch } = before.record;
  const now = await readHead(git);
  const message = `durable-rollback: undo (${rollbackId})`;
  if (now.head === head && now.branch === branch) return cutReflog(room, git, rollbackId);
  const detail = { from: now.branch ?? now.head, to: branch ?? head };
  await room.effect({ kind: 'return-head', target: git.gitDir, recovery: 'do-again', detail }, async () => {
    if (branch === null) await git.text(['update-ref', '-m', message, '--no-deref', 'HEAD', head]);
    else await onBranch(room, git, { head, branch, message });
    return 'done';
  });
  cutReflog(room, git, rollbackId);
  return 'done';
}

async function onBranch(
  room: Room,
  git: Git,
  { head, branch, message }: { readonly head: string; readonly branch: string; readonly message: string },
): Promise<void> {
  const ref = `refs/heads/${branch}`;
  const there = await peel(git, `${ref}^{commit}`);
  const unborn = /^0+$/.test(head);
  if (there === undefined ? false : there !== head) {
    throw new ActFailure(
      'refused',
      `Branch ${branch} stands at ${there?.slice(0, 12)} now and stood at ${head.slice(0, 12)}; HEAD was not moved.`,
    );
  }
  if (there === undefined && !unborn) await git.text(['update-ref', '-m', message, ref, head, '0'.repeat(head.length)]);
  room.beforeEffect();
  await git.text(['symbolic-ref', '-m', message, 'HEAD', ref]);
}

/** Only our own lines, and only at the end. @returns `already` when there are none */
function cutReflog(room: Room, git: Git, rollbackId: string): 'done' | 'already' {
  const path = join(git.gitDir, 'logs', 'HEAD');
  if (!nameExists(path)) return 'already';
  const bytes = readFileSync(path);
  const kept = withoutOurs(bytes.toString('latin1'), rollbackId);
  if (kept.length === bytes.length) return 'already';
  const copy = join(room.rollback.safetyDir, 'git', 'logs-HEAD');
  room.beforeEffect();
  ensureDir(join(copy, '..'), 0o700);
  writeFileDurably(copy, bytes, 0o600);
  room.beforeEffect();
  writeFileDurably(path, Buffer.from(kept, 'latin1'), lstatSync(path).mode & 0o7777);
  give(path, git);
  return 'done';
}

function withoutOurs(text: string, rollbackId: string): string {
  const lines = text.split(/(?<=\n)/);
  while (lines.at(-1)?.match(/\tdurable-rollback: .*\((\S+)\)\n$/)?.[1] === rollbackId) lines.pop();
  return lines.join('');
}
