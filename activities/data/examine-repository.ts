import type { CheckpointRecord, Findings } from '../../contract/records.ts';
import type { Git } from '../adapters/git.ts';
import { gitOf } from '../git/git-of.ts';
import { type RepositoryState, readRepository } from '../git/read-repository.ts';
import { findCommit, resolveCommit } from '../git/resolve-commit.ts';
import { strayingSubmodules } from '../git/submodules.ts';
import { asActFailure } from '../kernel/act.ts';
import { ActFailure } from '../kernel/failures.ts';
import type { Room } from '../kernel/room.ts';

export interface ExaminedRepository {
  readonly checkpoint: Findings['checkpoint'];
  /** null when it could not be read: then `refusals` says why. */
  readonly git: Git | null;
  readonly state: RepositoryState | null;
  readonly refusals: readonly string[];
  /** To be told beside the plan. */
  readonly conflicts: readonly string[];
}

/**
 * The repository against the commit of the checkpoint (runbook 2.1, `git status` and `git diff`). The ref is resolved to
 * a commit id once; a recorded checkpoint's commit counts, even when somebody moved the tag since.
 * @throws ActFailure `refused`, `git-failed` when neither checkpoint nor ref give a commit of this repository
 */
export async function examineRepository(room: Room, checkpoint: CheckpointRecord | null): Promise<ExaminedRepository> {
  const { checkpoint: ref } = room.target.repository;
  const git = await gitOf(room);
  const conflicts: string[] = [];
  const named = await findCommit(git, ref);
  if (checkpoint !== null && named !== undefined && named.commit !== checkpoint.commit) {
    const [now, then] = [named.commit.slice(0, 12), checkpoint.commit.slice(0, 12)];
    conflicts.push(`repository: ${ref} means ${now} now and ${then} in checkpoint ${checkpoint.id}, which counts`);
  }
  const { commit, tree } = checkpoint === null ? await resolveCommit(git, ref) : await recorded(git, checkpoint);
  const state = await readRepository(git, commit, room.target);
  conflicts.push(...(await strayingSubmodules(room, git, commit)).map((text) => `repository: ${text}`));
  return {
    checkpoint: { id: checkpoint?.id ?? null, ref, commit, tree },
    git,
    state,
    refusals: state.refusals,
    conflicts,
  };
}

/** The same where a system must be brought back whatever git says: what cannot be read is left alone, and told. */
export async function examineRepositoryIfPossible(
  room: Room,
  checkpoint: CheckpointRecord | null,
): Promise<ExaminedRepository> {
  try {
    return await examineRepository(room, checkpoint);
  } catch (error) {
    room.signal.throwIfAborted();
    const failure = asActFailure(error);
    if (failure.kind === 'stale-attempt') throw failure;
    const { checkpoint: ref } = room.target.repository;
    const { commit = '', tree = '' } = checkpoint ?? {};
    return {
      checkpoint: { id: checkpoint?.id ?? null, ref, commit, tree },
      git: null,
      state: null,
      refusals: [failure.message],
      conflicts: [],
    };
  }
}

async function recorded(git: Git, { id, commit, tree }: CheckpointRecord) {
  const found = await findCommit(git, commit);
  if (found?.commit === commit) return { commit, tree };
  throw new ActFailure(
    'refused',
    `Commit ${commit.slice(0, 12)} of checkpoint ${id} is not in ${git.top}; nothing was done.`,
    { data: { commit, repository: git.top } },
  );
}
