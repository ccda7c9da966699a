import { relative } from 'node:path';
import type { Judgement } from '../../../contract/records.ts';
import type { Measurement } from '../../../runbook/judge.ts';
import type { Room } from '../../kernel/room.ts';
import { few, type Known, type Proof } from './proof.ts';
import { type GitState, readGit, resolveCommit } from './read-git.ts';

/**
 * "Git repository in clean state" (design §4.7): HEAD is the commit of the checkpoint, no operation is in progress,
 * nothing differs outside the data roots. Differences inside are data, listed as kept; untracked files stay.
 */
export async function proveGit(room: Room, known: Known): Promise<Proof & { readonly git: Judgement['git'] }> {
  const git = await readGit(room);
  const ref = room.target.repository.checkpoint;
  const commit = known.checkpoint?.commit ?? known.recovery?.checkpoint.commit ?? (await resolveCommit(room, ref));
  const outside = git.differing.filter((file) => !insideData(room, file));
  return {
    items: { 'git-clean': cleanliness({ git, commit, ref, outside }) },
    git: { head: git.head, branch: git.branch, tree: git.tree, expected: expectedOf(commit, known) },
    seen: { ...git, commit, differing: git.differing.slice(0, 200) },
  };
}

function expectedOf(commit: string | null, { checkpoint, recovery }: Known): Judgement['git']['expected'] {
  if (commit === null) return null;
  const known = [checkpoint, recovery?.checkpoint].find((one) => one?.commit === commit);
  return { commit, tree: known?.tree ?? null };
}

function cleanliness(seen: {
  readonly git: GitState;
  readonly commit: string | null;
  readonly ref: string;
  readonly outside: readonly string[];
}): Measurement {
  const { git, commit, ref, outside } = seen;
  if (commit === null) return { status: 'unknown', measured: `the checkpoint ${ref} is no commit of the repository` };
  const at = `HEAD is ${git.head.slice(0, 12)}${git.branch === null ? '' : ` (${git.branch})`}`;
  if (git.head !== commit) return { status: 'fail', measured: `${at}, the checkpoint is ${commit.slice(0, 12)}` };
  if (git.operation !== null) return { status: 'fail', measured: `${at}, but ${git.operation} is in progress` };
  if (outside.length > 0) {
    return { status: 'fail', measured: `${at}, but ${outside.length} tracked files differ: ${few(outside, 3)}` };
  }
  const kept = git.differing.length;
  const data = kept === 0 ? '' : `; ${kept} differences inside data roots are kept`;
  return { status: 'pass', measured: `${at}, the checkpoint; nothing differs outside the data roots${data}` };
}

function insideData({ target }: Room, file: string): boolean {
  return target.data.some((root) => {
    if (root.kind !== 'path') return false;
    const inside = relative(target.repository.path, root.path);
    return !inside.startsWith('..') && `${file}/`.startsWith(`${inside}/`);
  });
}
