import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { nameExists } from '../../vault/durable-file.ts';
import { errorCode } from '../../vault/errors.ts';
import { type ChangedPath, readChangedPaths } from '../../vault/undo/changed-paths.ts';
import type { CopiedPaths } from '../../vault/undo/path-state.ts';
import { unreturnedPaths } from '../../vault/undo/path-state.ts';
import type { Git } from '../adapters/git.ts';
import { asideOfRepository } from '../git/aside-of-repository.ts';
import { changedPathsFile, type GitSafetyRecord, gitSafetyDir, readGitSafety } from '../git/keep-git-state.ts';
import { operationFiles, readHead } from '../git/read-repository.ts';
import type { UndoneRollback } from './undone-rollback.ts';

/** The repository as it was before a rollback. */
export interface GitBefore {
  readonly record: GitSafetyRecord;
  /** Folder with index, HEAD, refs and operation state. */
  readonly stateDir: string;
  readonly changes: readonly ChangedPath[];
  readonly copy: CopiedPaths | null;
  /** Where the rollback moved files of the working tree. */
  readonly rollbackAside: string;
}

/** undefined when the rollback kept nothing of the repository, so that it has changed nothing there. */
export function gitBefore(undone: UndoneRollback, git: Pick<Git, 'top' | 'gitDir'>): GitBefore | undefined {
  const at = { rollback: undone.files };
  const record = readGitSafety(at);
  if (record === undefined) return undefined;
  const dir = gitSafetyDir(at);
  return {
    record,
    stateDir: join(dir, 'state'),
    changes: readChangedPaths(changedPathsFile(at)),
    copy: record.how === 'copy' ? { dir: join(dir, 'files'), manifest: record.manifest } : null,
    rollbackAside: asideOfRepository(git, undone.rollbackId, 'worktree'),
  };
}

/** Files of the git folder that go back byte by byte. */
export const stateFiles: readonly string[] = ['index', 'ORIG_HEAD', ...operationFiles];

/** What of the repository is not as before, in words; empty when all of it is. */
export async function gitDifferences(git: Git, before: GitBefore): Promise<readonly string[]> {
  const paths = await unreturnedPaths({ root: git.top, ...before });
  const now = await readHead(git);
  const { head, branch } = before.record;
  const was = branch === null ? head : `${branch} at ${head.slice(0, 12)}`;
  const is = now.branch === null ? now.head : `${now.branch} at ${now.head.slice(0, 12)}`;
  return [
    ...paths.map(({ path, reason }) => `${path}: ${reason}`),
    ...(was === is ? [] : [`HEAD is ${is} and was ${was}`]),
    ...stateFiles.filter((name) => !sameState(git, before, name)).map((name) => `${name} of git is another`),
  ];
}

/** Folders of an operation are compared by their being there: their files go back with them. */
export function sameState(git: Pick<Git, 'gitDir'>, { stateDir }: Pick<GitBefore, 'stateDir'>, name: string): boolean {
  const now = bytesOf(join(git.gitDir, name));
  const was = bytesOf(join(stateDir, name));
  return Buffer.isBuffer(now) && Buffer.isBuffer(was) ? now.equals(was) : now === was;
}

function bytesOf(path: string): Buffer | 'folder' | 'absent' {
  if (!nameExists(path)) return 'absent';
  try {
    return readFileSync(path);
  } catch (error) {
    if (errorCode(error) === 'EISDIR') return 'folder';
    throw error;
  }
}
