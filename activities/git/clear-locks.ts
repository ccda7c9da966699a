import { existsSync, readdirSync, readFileSync, readlinkSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { ensureDir, syncDir } from '../../vault/durable-file.ts';
import { errorCode } from '../../vault/errors.ts';
import { processStart } from '../../vault/processes.ts';
import type { Git } from '../adapters/git.ts';
import { ActFailure } from '../kernel/failures.ts';
import type { Room } from '../kernel/room.ts';
import { giveAside } from './aside-of-repository.ts';

/** How long a git that lives may take to end before the step gives way to its next attempt. */
const patienceMs = 10_000;

/**
 * Locks that a killed git left make every later one end with 128 (facts). They are moved aside when it is proven that
 * no git works in this repository; a living one is waited for.
 * @param aside folder on the git folder's filesystem
 * @returns names of the locks that were moved
 * @throws ActFailure `git-failed` while one is at work, or where it cannot be told
 */
export async function clearLocks(room: Room, git: Git, aside: string, branch: string): Promise<readonly string[]> {
  const locks = [
    join(git.gitDir, 'index.lock'),
    join(git.gitDir, 'HEAD.lock'),
    join(git.commonDir, 'packed-refs.lock'),
    join(git.commonDir, 'refs', 'heads', `${branch}.lock`),
  ].filter((path) => existsSync(path));
  if (locks.length === 0) return [];
  await awaitNoGit(room, git, locks);
  const moved: string[] = [];
  for (const path of locks) {
    if (!existsSync(path)) continue;
    room.beforeEffect();
    ensureDir(aside, 0o700);
    const name = `${path.slice(path.lastIndexOf('/') + 1)}.${room.world.now()}`;
    renameSync(path, join(aside, name));
    syncDir(aside);
    moved.push(name);
  }
  giveAside(aside);
  return moved;
}

async function awaitNoGit(room: Room, git: Git, locks: readonly string[]): Promise<void> {
  const deadline = performance.now() + patienceMs;
  for (;;) {
    const found = gitAtWork(git, locks);
    if (found === null) return;
    if (performance.now() > deadline) {
      const [lock = ''] = locks;
      throw new ActFailure('git-failed', `${lock} is there and ${found}; the repository was not touched.`, {
        data: { locks },
      });
    }
    await wait(100, undefined, { signal: room.signal });
  }
}

/** Whether some git works in this repository, in words; null when it is proven that none does. */
export function gitAtWork(git: Pick<Git, 'top' | 'gitDir'>, locks: readonly string[]): string | null {
  if (process.platform !== 'linux') return 'this system does not tell whether a git is at work';
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    const seen = lookAt(pid, git, locks);
    if (seen !== null) return seen;
  }
  return null;
}

function lookAt(pid: string, git: Pick<Git, 'top' | 'gitDir'>, locks: readonly string[]): string | null {
  try {
    const command = readFileSync(`/proc/${pid}/comm`, 'utf8').trim();
    const isGit = command === 'git' || command.startsWith('git-');
    if (!isGit || processStart(Number(pid)) === undefined) return null;
    const cwd = readlinkSync(`/proc/${pid}/cwd`);
    const files = readdirSync(`/proc/${pid}/fd`).map((fd) => linkOf(`/proc/${pid}/fd/${fd}`));
    const here = [git.top, git.gitDir].some((folder) => `${cwd}/`.startsWith(`${folder}/`));
    return here || files.some((file) => locks.includes(file)) ? `process ${pid} (${command}) is at work there` : null;
  } catch (error) {
    const code = errorCode(error);
    if (code === 'ENOENT' || code === 'ESRCH') return null;
    // A git of another account: whether it works here cannot be seen.
    if (code === 'EACCES' || code === 'EPERM') return `process ${pid} is a git of another account`;
    throw error;
  }
}

function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return '';
    throw error;
  }
}
