import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { ActFailure } from '../../kernel/failures.ts';
import type { Room } from '../../kernel/room.ts';

/** The repository as it is now. */
export interface GitState {
  readonly head: string;
  readonly tree: string;
  readonly branch: string | null;
  /** An operation that was begun and not ended, or a lock that was left. */
  readonly operation: string | null;
  /** Tracked paths that differ from HEAD, in index or folder; relative to the repository. */
  readonly differing: readonly string[];
}

const operations = [
  ['MERGE_HEAD', 'a merge'],
  ['rebase-merge', 'a rebase'],
  ['rebase-apply', 'a rebase'],
  ['CHERRY_PICK_HEAD', 'a cherry-pick'],
  ['REVERT_HEAD', 'a revert'],
  ['index.lock', 'something that holds the index'],
] as const;

/**
 * Reads the repository with git itself, as its owner, without hooks, filters, fsmonitor or optional locks: a look must
 * run no code of the repository and change nothing in it (design §4.7).
 */
export async function readGit(room: Pick<Room, 'world' | 'target' | 'signal' | 'marker'>): Promise<GitState> {
  const filters = await filterSettings(room);
  const dir = (await git(room, ['rev-parse', '--absolute-git-dir'])).trim();
  const head = (await git(room, ['rev-parse', '--verify', 'HEAD^{commit}'])).trim();
  const tree = (await git(room, ['rev-parse', '--verify', 'HEAD^{tree}'])).trim();
  const branch = (await git(room, ['branch', '--show-current'])).trim();
  const status = await git(room, [
    ...filters,
    'status',
    '--porcelain=v1',
    '-z',
    '--untracked-files=no',
    '--no-renames',
  ]);
  return {
    head,
    tree,
    branch: branch === '' ? null : branch,
    operation: operations.find(([file]) => existsSync(join(dir, file)))?.[1] ?? null,
    differing: status
      .split('\0')
      .filter((line) => line !== '')
      .map((line) => line.slice(3)),
  };
}

/** The commit a ref means: a tag first, then a branch; a branch of the tag's name must not win (facts). */
export async function resolveCommit(
  room: Pick<Room, 'world' | 'target' | 'signal' | 'marker'>,
  ref: string,
): Promise<string | null> {
  for (const name of [`refs/tags/${ref}`, `refs/heads/${ref}`, ref]) {
    const ran = await run(room, ['rev-parse', '--verify', '--quiet', '--end-of-options', `${name}^{commit}`]);
    if (ran.exitCode === 0) return ran.stdout.trim();
  }
  return null;
}

/** A clean filter would run to compare a file: each one that is configured is switched off. */
async function filterSettings(room: Pick<Room, 'world' | 'target' | 'signal' | 'marker'>): Promise<readonly string[]> {
  const ran = await run(room, ['config', '--name-only', '-z', '--get-regexp', '^filter\\.']);
  const keys = ran.stdout.split('\0').filter((key) => /\.(clean|smudge|process|required)$/.test(key));
  return keys.flatMap((key) => ['-c', `${key}=${key.endsWith('.required') ? 'false' : ''}`]);
}

async function git(
  room: Pick<Room, 'world' | 'target' | 'signal' | 'marker'>,
  args: readonly string[],
): Promise<string> {
  const ran = await run(room, args);
  if (ran.exitCode === 0) return ran.stdout;
  throw new ActFailure('git-failed', `git ${args[0] ?? ''} failed: ${ran.output.trim().slice(0, 300)}`);
}

function run(room: Pick<Room, 'world' | 'target' | 'signal' | 'marker'>, args: readonly string[]) {
  const { path } = room.target.repository;
  const stat = statSync(path);
  return room.world.commands.run({
    argv: ['git', '--no-optional-locks', '-c', 'core.hooksPath=/dev/null', '-c', 'core.fsmonitor=false', ...args],
    cwd: path,
    environment: { GIT_CONFIG_NOSYSTEM: '1', GIT_CONFIG_GLOBAL: '/dev/null', GIT_LITERAL_PATHSPECS: '1', LC_ALL: 'C' },
    owner: { uid: stat.uid, gid: stat.gid },
    timeoutMs: 120_000,
    maxOutputBytes: 32 * 1024 * 1024,
    marker: room.marker,
    signal: room.signal,
  });
}
