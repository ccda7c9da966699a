import { chownSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Git } from '../adapters/git.ts';

/** A folder that the repository's owner can write, for what git needs only for a moment. */
export async function withOwnersFolder<T>(git: Pick<Git, 'owner'>, work: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'rollback-git-'));
  try {
    if (process.getuid?.() === 0) chownSync(folder, git.owner.uid, git.owner.gid);
    return await work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * An index of its own that holds a commit's tree and knows nothing of the working files: whatever is compared with it is
 * compared by content, and the real index is not touched.
 */
export async function withIndexOf<T>(git: Git, commit: string, work: (index: string) => Promise<T>): Promise<T> {
  return withOwnersFolder(git, async (folder) => {
    const index = join(folder, 'index');
    await git.text(['read-tree', commit], { index });
    return work(index);
  });
}
