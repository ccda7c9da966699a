import type { Git } from '../adapters/git.ts';
import { ActFailure } from '../kernel/failures.ts';

export interface ResolvedCommit {
  readonly commit: string;
  readonly tree: string;
  readonly as: 'tag' | 'branch' | 'commit';
}

/**
 * The commit a ref means, once and for all: a tag first, then a branch, then a commit's own id (facts: a branch of the
 * tag's name wins over the tag in `git checkout`).
 */
export async function findCommit(git: Git, ref: string): Promise<ResolvedCommit | undefined> {
  const names = [
    [`refs/tags/${ref}`, 'tag'],
    [`refs/heads/${ref}`, 'branch'],
    ...(/^[0-9a-f]{7,64}$/.test(ref) ? ([[ref, 'commit']] as const) : []),
  ] as const;
  for (const [name, as] of names) {
    const commit = await peel(git, `${name}^{commit}`);
    const tree = commit === undefined ? undefined : await peel(git, `${commit}^{tree}`);
    if (commit !== undefined && tree !== undefined) return { commit, tree, as };
  }
  return undefined;
}

/** @throws ActFailure `refused` when the ref is neither tag, branch nor commit */
export async function resolveCommit(git: Git, ref: string): Promise<ResolvedCommit> {
  const found = await findCommit(git, ref);
  if (found !== undefined) return found;
  throw new ActFailure('refused', `${ref} is no tag, branch or commit of ${git.top}; nothing was done.`, {
    data: { ref, repository: git.top },
  });
}

/** Id of an object, or undefined when there is none. */
export async function peel(git: Git, name: string): Promise<string | undefined> {
  const answer = await git.ask(['rev-parse', '--verify', '--quiet', '--end-of-options', name]);
  return answer.exitCode === 0 && /^[0-9a-f]{40,64}$/.test(answer.stdout) ? answer.stdout : undefined;
}
