import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Target } from '../../target/schema.ts';
import { errorCode } from '../../vault/errors.ts';
import { showPath } from '../../vault/path-text.ts';
import type { Git } from '../adapters/git.ts';
import { failed } from '../adapters/git.ts';
import { compareTree, listed, type TreeComparison } from './compare-tree.ts';
import { type DataPaths, dataPathsOf } from './data-paths.ts';
import { peel } from './resolve-commit.ts';

/** Branches of ours: `rollback/<rollbackId>`. */
export const branchPrefix = 'rollback/';

export interface RepositoryState {
  /** Zeros when there is no commit yet. */
  readonly head: string;
  /** null when HEAD is detached. */
  readonly branch: string | null;
  readonly operation: string | null;
  readonly comparison: TreeComparison;
  /** Why the repository must not be returned to this commit. */
  readonly refusals: readonly string[];
}

/** An operation that was begun and not ended, by the file that says so. */
const operations = [
  ['rebase-merge', 'rebase'],
  ['rebase-apply', 'rebase'],
  ['MERGE_HEAD', 'merge'],
  ['CHERRY_PICK_HEAD', 'cherry-pick'],
  ['REVERT_HEAD', 'revert'],
  ['BISECT_LOG', 'bisect'],
] as const;

/** Files and folders of the git folder in which operations keep their state. */
export const operationFiles: readonly string[] = [
  ...operations.map(([file]) => file),
  'MERGE_MODE',
  'MERGE_MSG',
  'MERGE_RR',
  'AUTO_MERGE',
  'SQUASH_MSG',
  'sequencer',
  'BISECT_START',
  'BISECT_TERMS',
  'BISECT_NAMES',
  'BISECT_EXPECTED_REV',
  'BISECT_ANCESTORS_OK',
  'BISECT_RUN',
];

export async function readHead(git: Git): Promise<{ readonly head: string; readonly branch: string | null }> {
  const head = (await peel(git, 'HEAD^{commit}')) ?? '0'.repeat(40);
  const symbolic = await git.ask(['symbolic-ref', '--quiet', '--short', 'HEAD']);
  return { head, branch: symbolic.exitCode === 0 ? symbolic.stdout : null };
}

export function operationOf(git: Pick<Git, 'gitDir'>): string | null {
  return operations.find(([file]) => existsSync(join(git.gitDir, file)))?.[1] ?? null;
}

/** HEAD, working tree and what forbids a return, against one commit (runbook 2.1 `git status`, `git diff`). */
export async function readRepository(
  git: Git,
  commit: string,
  target: Pick<Target, 'data' | 'repository'>,
): Promise<RepositoryState> {
  const data = dataPathsOf(target, git.top);
  const comparison = await compareTree(git, commit, data);
  const refusals = [
    ...(await sparse(git)),
    ...(await filters(git, commit, target.repository.allowFilters)),
    ...(await branchInTheWay(git)),
    ...dataInTheWay(comparison, data),
    ...(await missingBlobs(git, comparison)),
  ];
  return { ...(await readHead(git)), operation: operationOf(git), comparison, refusals };
}

/** Counts and bytes for findings and plan; nothing that grows with the data. */
export function summaryOf({ comparison }: RepositoryState, most = 20) {
  const { outside, insideData } = comparison;
  return {
    differing: outside.length,
    untrackedBlocking: outside.filter(({ inTheWay }) => inTheWay?.untracked === true).length,
    bytes: outside.reduce((sum, { inTheWay }) => sum + (inTheWay?.bytes ?? 0), 0),
    insideData,
    sample: outside.slice(0, most).map(({ path, todo, inTheWay }) => {
      const what = todo === 'remove' ? 'goes' : inTheWay === null ? 'comes back' : 'changes';
      return `${showPath(path)} ${what}`;
    }),
  };
}

async function sparse(git: Git): Promise<readonly string[]> {
  const answer = await git.ask(['config', '--type=bool', '--get', 'core.sparseCheckout']);
  return answer.stdout === 'true' ? ['the working tree is a sparse checkout'] : [];
}

/** A filter would run the repository's or the machine's code; without it LFS would leave pointers in place of files. */
async function filters(git: Git, commit: string, allowed: readonly string[]): Promise<readonly string[]> {
  const entries = await listed(git, ['ls-tree', '-r', '-z', '--full-tree', commit]);
  const texts = [readText(join(git.commonDir, 'info', 'attributes'))];
  for (const entry of entries) {
    const tab = entry.indexOf(0x09);
    if (!/(^|\/)\.gitattributes$/.test(entry.subarray(tab + 1).toString('latin1'))) continue;
    const oid = entry.subarray(0, tab).toString('latin1').split(' ')[2] ?? '';
    texts.push(await git.text(['cat-file', 'blob', oid]));
  }
  const named = texts.flatMap((text) => [...text.matchAll(/(?:^|\s)filter=(\S+)/g)].map(([, name]) => name ?? ''));
  return [...new Set(named)]
    .filter((name) => !allowed.includes(name))
    .map((name) => `its files pass through the filter ${name}, which the target does not allow`);
}

async function branchInTheWay(git: Git): Promise<readonly string[]> {
  const name = branchPrefix.slice(0, -1);
  const there = await peel(git, `refs/heads/${name}`);
  return there === undefined ? [] : [`a branch is called ${name}: no branch ${branchPrefix}… can be made beside it`];
}

function dataInTheWay({ outside }: TreeComparison, data: DataPaths): readonly string[] {
  return outside.flatMap(({ path, inTheWay }) =>
    inTheWay !== null && data.isBelow(inTheWay.path) && inTheWay.type !== 'file'
      ? [`${showPath(inTheWay.path)} holds data and stands where the checkpoint has ${showPath(path)}`]
      : [],
  );
}

/** A partial or damaged clone: found before anything is moved. */
async function missingBlobs(git: Git, { outside }: TreeComparison): Promise<readonly string[]> {
  const blobs = [...new Set(outside.flatMap(({ blob }) => (blob === null ? [] : [blob])))];
  if (blobs.length === 0) return [];
  const args = ['cat-file', '--batch-check'];
  const answer = await git.pipe(args, { input: Buffer.from(`${blobs.join('\n')}\n`) });
  if (answer.exitCode !== 0) throw failed(args, answer);
  const missing = answer.stdout
    .toString('latin1')
    .split('\n')
    .filter((line) => line.endsWith(' missing')).length;
  return missing === 0 ? [] : [`${missing} file(s) of the checkpoint are not in the repository's object store`];
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return '';
    throw error;
  }
}
