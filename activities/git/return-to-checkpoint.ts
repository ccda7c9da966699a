import { existsSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import type { RecoveryPlan } from '../../contract/records.ts';
import { ensureDir, nameExists, syncDir } from '../../vault/durable-file.ts';
import { showPath } from '../../vault/path-text.ts';
import { readMovedAside } from '../../vault/restore/aside-area.ts';
import type { Git } from '../adapters/git.ts';
import { failed } from '../adapters/git.ts';
import { noteStaging } from '../data/note-staging.ts';
import { ActFailure } from '../kernel/failures.ts';
import { fileRef, readRecoveryPlan } from '../kernel/records.ts';
import type { ActBody, Room } from '../kernel/room.ts';
import { asideOfRepository, giveAside } from './aside-of-repository.ts';
import { changeFiles } from './change-files.ts';
import { clearLocks } from './clear-locks.ts';
import { compareTree, listed, type PathChange } from './compare-tree.ts';
import { dataPathsOf } from './data-paths.ts';
import { gitOf } from './git-of.ts';
import { readGitSafety } from './keep-git-state.ts';
import { branchPrefix, operationFiles, operationOf, readHead, readRepository } from './read-repository.ts';
import { peel } from './resolve-commit.ts';

/**
 * Runbook 2.2 "Restore from Git Checkpoint", without its losses: HEAD goes to a branch of its own at the checkpoint
 * commit, the old branch stays; what stands in the way is moved aside; data roots, untracked and ignored files stay
 * (design §4.7). Every step looks at the world by content, so that a later attempt finishes what a killed one began.
 */
export const returnToCheckpoint: ActBody = async (room) => {
  const plan = readRecoveryPlan(room);
  if (plan.git.returnTo === null) {
    return { outcome: 'skipped', reason: `The plan leaves the repository as it is: ${plan.git.reason}.` };
  }
  refuseWithoutSafety(room);
  const git = await gitOf(room);
  const commit = await commitOf(git, plan.git.returnTo);
  const branch = `${branchPrefix}${room.input.rollbackId}`;
  const aside = asideOfRepository(git, room.input.rollbackId, 'worktree');
  const did = { locks: 0, moved: 0, written: 0, changed: false };
  did.locks = (await clearLocks(room, git, `${aside}.locks`, branch)).length;

  const { comparison, refusals } = await readRepository(git, commit, room.target);
  if (refusals.length > 0) throw refused(refusals);
  if (comparison.outside.length > 0) {
    noteStaging(room, { what: 'repository', path: git.top, aside });
    did.changed = (await changeFiles(room, git, { commit, aside, changes: comparison.outside })) !== 'already';
  }
  did.moved = readMovedAside(aside).count;
  did.written = comparison.outside.filter(({ todo }) => todo === 'write').length;
  for (const change of [setIndex, setHead, endOperation]) {
    if ((await change(room, git, { commit, branch, aside })) === 'done') did.changed = true;
  }
  await prove(room, git, { commit, branch });
  return told(plan, { ...did, branch, aside, insideData: comparison.insideData });
};

function refuseWithoutSafety(room: Room): void {
  if (readGitSafety(room) !== undefined) return;
  throw new ActFailure('refused', 'There is no safety copy of the repository; it was not touched.');
}

/** The plan names a commit id, and git is given nothing else. */
async function commitOf(git: Git, id: string): Promise<string> {
  const commit = /^[0-9a-f]{40,64}$/.test(id) ? await peel(git, `${id}^{commit}`) : undefined;
  if (commit === id) return commit;
  throw new ActFailure('refused', `The plan's commit ${id} is not in ${git.top}; nothing was changed.`);
}

interface Where {
  readonly commit: string;
  readonly branch: string;
  readonly aside: string;
}

/** The real index becomes the checkpoint's tree, so that status compares with it; the old one is in the safety copy. */
async function setIndex(room: Room, git: Git, { commit }: Where): Promise<'done' | 'already'> {
  const staged = await git.ask(['diff-index', '--cached', '--quiet', '--no-ext-diff', commit]);
  const unmerged = await listed(git, ['ls-files', '--unmerged', '-z']);
  if (staged.exitCode === 0 && unmerged.length === 0) return 'already';
  return room.effect({ kind: 'set-index', target: git.gitDir, recovery: 'do-again', detail: { commit } }, async () => {
    await git.text(['read-tree', commit]);
    // Ends with 1 while data roots differ, which is as it shall be.
    const refreshed = await git.ask(['update-index', '-q', '--refresh']);
    if (refreshed.exitCode > 1) throw failed(['update-index'], refreshed);
    return 'done';
  });
}

async function setHead(room: Room, git: Git, { commit, branch }: Where): Promise<'done' | 'already'> {
  const ref = `refs/heads/${branch}`;
  const there = await peel(git, `${ref}^{commit}`);
  if (there !== undefined && there !== commit) {
    throw new ActFailure('refused', `Branch ${branch} stands at ${there.slice(0, 12)} already; HEAD was not moved.`);
  }
  const now = await readHead(git);
  if (now.head === commit && now.branch === branch) return 'already';
  const detail = { from: now.branch ?? now.head, to: branch, commit };
  return room.effect({ kind: 'set-head', target: git.gitDir, recovery: 'do-again', detail }, async () => {
    const message = `durable-rollback: return to the checkpoint (${room.input.rollbackId})`;
    if (there === undefined) await git.text(['update-ref', '-m', message, ref, commit, '0'.repeat(commit.length)]);
    room.beforeEffect();
    await git.text(['symbolic-ref', '-m', message, 'HEAD', ref]);
    return 'done';
  });
}

/** A merge or rebase that was begun belongs to the state that was left: its files go aside, a copy is in the safety copy. */
async function endOperation(room: Room, git: Git, { aside }: Where): Promise<'done' | 'already'> {
  const names = operationFiles.filter((name) => nameExists(join(git.gitDir, name)));
  if (operationOf(git) === null || names.length === 0) return 'already';
  const into = `${aside}.operation`;
  return room.effect(
    { kind: 'end-operation', target: git.gitDir, recovery: 'do-again', detail: { names } },
    async () => {
      ensureDir(into, 0o700);
      for (const name of names) {
        room.beforeEffect();
        // An earlier attempt may have moved one of the same name.
        const to = join(into, name);
        renameSync(join(git.gitDir, name), existsSync(to) ? `${to}.${room.world.now()}` : to);
      }
      syncDir(into);
      syncDir(git.gitDir);
      giveAside(into);
      return 'done';
    },
  );
}

/** Own effect, looked at afterwards: by blob, whatever index and git said. */
async function prove(room: Room, git: Git, { commit, branch }: Pick<Where, 'commit' | 'branch'>): Promise<void> {
  const { outside } = await compareTree(git, commit, dataPathsOf(room.target, git.top));
  const now = await readHead(git);
  const operation = operationOf(git);
  const wrong = [
    ...(outside.length === 0 ? [] : [`${outside.length} path(s) differ, first ${first(outside)}`]),
    ...(now.head === commit && now.branch === branch ? [] : [`HEAD is ${now.branch ?? now.head}`]),
    ...(operation === null ? [] : [`a ${operation} is still in progress`]),
  ];
  if (wrong.length === 0) return;
  throw new ActFailure('git-failed', `The repository is not as the checkpoint after the return: ${wrong.join('; ')}.`);
}

function first(outside: readonly PathChange[]): string {
  const [change] = outside;
  return change === undefined ? '' : showPath(change.path);
}

function refused(refusals: readonly string[]): ActFailure {
  return new ActFailure('refused', `The repository cannot be returned: ${refusals.join('; ')}; it was not touched.`);
}

function told(
  plan: RecoveryPlan,
  did: {
    readonly locks: number;
    readonly moved: number;
    readonly written: number;
    readonly changed: boolean;
    readonly branch: string;
    readonly aside: string;
    readonly insideData: number;
  },
): Awaited<ReturnType<ActBody>> {
  const to = `${plan.checkpoint.ref} (${plan.checkpoint.commit.slice(0, 12)})`;
  const lists = readMovedAside(did.aside);
  const kept = `${did.moved} path(s) moved aside, ${did.insideData} difference(s) inside data roots kept`;
  const locks = did.locks === 0 ? '' : `; ${did.locks} lock(s) of a killed git moved away`;
  return {
    outcome: did.changed ? 'done' : 'already-done',
    reason: did.changed
      ? `The repository is at ${to} on branch ${did.branch}: ${did.written} file(s) written, ${kept}${locks}.`
      : `The repository was at ${to} on branch ${did.branch} already: ${kept}.`,
    figures: { written: did.written, movedAside: did.moved, insideData: did.insideData, locks: did.locks },
    ...(lists.count === 0 ? {} : { files: [fileRef(lists.listFile)] }),
  };
}
