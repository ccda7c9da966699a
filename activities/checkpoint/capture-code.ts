import { gitOf } from '../git/git-of.ts';
import { readRepository, summaryOf } from '../git/read-repository.ts';
import { resolveCommit } from '../git/resolve-commit.ts';
import type { ActBody } from '../kernel/room.ts';
import { readPart, writePart } from './parts.ts';

/**
 * Commit and tree that the target's ref means, once and for all: a moved tag or a branch of its name changes nothing of
 * this checkpoint. That the working tree differs from it is told, since then other code than the recorded one runs.
 */
export const captureCode: ActBody = async (room) => {
  const { checkpoint: ref } = room.target.repository;
  const git = await gitOf(room);
  const { commit, tree, as } = await resolveCommit(git, ref);
  const { head, operation, comparison, refusals } = await readRepository(git, commit, room.target);
  if (refusals.length > 0) {
    const why = `A rollback could not return to ${ref}: ${refusals.join('; ')}.`;
    return { outcome: 'failed', reason: `${why} No checkpoint was recorded.` };
  }
  const known = readPart(room, 'code');
  const file = writePart(room, 'code', { ref, commit, tree });
  const { differing } = summaryOf({ head, branch: null, operation, comparison, refusals });
  const warnings = [
    ...(head === commit ? [] : [`HEAD is at ${head.slice(0, 12)}`]),
    ...(operation === null ? [] : [`a ${operation} is in progress`]),
    ...(differing === 0 ? [] : [`${differing} path(s) outside the data roots differ from it`]),
  ];
  const warned = warnings.length === 0 ? '' : `; but ${warnings.join(', ')}`;
  return {
    outcome: known?.commit === commit ? 'already-done' : 'done',
    reason: `${as} ${ref} is commit ${commit.slice(0, 12)}${warned}.`,
    figures: { commit, tree, differing },
    files: [file],
  };
};
