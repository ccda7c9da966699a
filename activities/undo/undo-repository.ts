import { returnPaths } from '../../vault/undo/return-paths.ts';
import { noteStaging } from '../data/note-staging.ts';
import { asideOfRepository, giveAside } from '../git/aside-of-repository.ts';
import { clearLocks } from '../git/clear-locks.ts';
import { gitOf } from '../git/git-of.ts';
import { branchPrefix } from '../git/read-repository.ts';
import { ActFailure } from '../kernel/failures.ts';
import type { ActBody } from '../kernel/room.ts';
import { returnHead } from './return-head.ts';
import { returnStateFiles } from './return-state-files.ts';
import { gitBefore, gitDifferences } from './undo-git.ts';
import { undoneRollback } from './undone-rollback.ts';

/**
 * The repository as it was before the rollback: working files (the very ones that were moved aside), index byte by byte,
 * an operation in progress, HEAD and its reflog. The rollback's branch stays where it is. What is there now goes aside.
 * @throws ActFailure `refused` when something was kept nowhere; all else went back then
 */
export const undoRepository: ActBody = async (room) => {
  const undone = undoneRollback(room);
  const git = await gitOf(room);
  const before = gitBefore(undone, git);
  if (before === undefined) return { outcome: 'skipped', reason: 'The rollback kept nothing of the repository.' };
  const aside = asideOfRepository(git, room.input.rollbackId, 'worktree');
  await clearLocks(room, git, `${aside}.locks`, `${branchPrefix}${undone.rollbackId}`);
  noteStaging(room, { what: 'repository', path: git.top, aside });
  let paths = {
    returned: 0,
    movedAway: 0,
    problems: [] as readonly { readonly path: string; readonly reason: string }[],
  };
  const detail = { paths: before.changes.length, aside };
  const files = await room.effect({ kind: 'return-files', target: git.top, recovery: 'do-again', detail }, async () => {
    paths = await returnPaths({
      root: git.top,
      ...before,
      asideDir: aside,
      signal: room.signal,
      beforeEffect: () => room.beforeEffect(),
    });
    return paths.returned + paths.movedAway === 0 ? 'already' : 'done';
  });
  giveAside(aside);
  const state = await returnStateFiles(room, git, before);
  const head = await returnHead(room, git, { before, rollbackId: undone.rollbackId });
  const wrong = await gitDifferences(git, before);
  if (wrong.length > 0) {
    throw new ActFailure('refused', `The repository is not all as before: ${wrong.slice(0, 5).join('; ')}.`, {
      data: { wrong: wrong.slice(0, 20), problems: paths.problems },
    });
  }
  const changed = [files, state, head].includes('done');
  return {
    outcome: changed ? 'done' : 'already-done',
    reason:
      `${before.record.branch ?? 'HEAD'} at ${before.record.head.slice(0, 12)}: ${paths.returned} path(s) put back, ` +
      `${paths.movedAway} moved aside, the index as it was; branch ${branchPrefix}${undone.rollbackId} stays.`,
    figures: { returned: paths.returned, movedAway: paths.movedAway },
  };
};
