import { join } from 'node:path';
import { showPath } from '../../vault/path-text.ts';
import { type Git, openGit } from '../adapters/git.ts';
import { asActFailure } from '../kernel/act.ts';
import type { Room } from '../kernel/room.ts';
import { keyOf, listed } from './compare-tree.ts';
import { peel } from './resolve-commit.ts';

const gitlink = '160000';

/** Named one by one up to here, then counted. */
const named = 5;

/**
 * Submodules that are not as in the commit, in words. They are repositories of their own: a return to the checkpoint
 * leaves them alone, so whoever reads the plan has to know of them.
 */
export async function strayingSubmodules(
  room: Pick<Room, 'marker' | 'signal'>,
  git: Git,
  commit: string,
): Promise<readonly string[]> {
  const wanted = gitlinksOf(await listed(git, ['ls-tree', '-r', '-z', '--full-tree', commit]));
  const tracked = gitlinksOf(await listed(git, ['ls-files', '-z', '--stage', '--full-name']));
  const told: string[] = [];
  for (const [key, path] of new Map([...tracked, ...wanted].map(([key, { path }]) => [key, path]))) {
    const should = wanted.get(key)?.oid;
    const is = await headOf(room, git, path);
    if (is === should) continue;
    const now = is === undefined ? 'not checked out' : `at ${is.slice(0, 12)}`;
    const then = should === undefined ? 'does not have it' : `has ${should.slice(0, 12)}`;
    told.push(`submodule ${showPath(path)} is ${now}, the checkpoint ${then}: it is left as it is`);
  }
  const more = told.length - named;
  return more > 0 ? [...told.slice(0, named), `${more} more submodules are left as they are`] : told;
}

function gitlinksOf(lines: readonly Buffer[]): ReadonlyMap<string, { readonly path: Buffer; readonly oid: string }> {
  const entries = lines.flatMap((line) => {
    const tab = line.indexOf(0x09);
    const fields = line.subarray(0, tab).toString('latin1').split(' ');
    const path = line.subarray(tab + 1);
    const oid = fields.find((field) => /^[0-9a-f]{40,64}$/.test(field)) ?? '';
    return fields[0] === gitlink ? [[keyOf(path), { path, oid }] as const] : [];
  });
  return new Map(entries);
}

/** Commit that is checked out there; undefined where none is. */
async function headOf(
  { marker, signal }: Pick<Room, 'marker' | 'signal'>,
  git: Git,
  path: Buffer,
): Promise<string | undefined> {
  try {
    const inside = await openGit({ path: join(git.top, path.toString('utf8')), marker, signal });
    // In an empty folder git finds the repository around it.
    return inside.top === git.top ? undefined : await peel(inside, 'HEAD^{commit}');
  } catch (error) {
    signal.throwIfAborted();
    const { kind } = asActFailure(error);
    if (kind === 'git-failed' || kind === 'refused') return undefined;
    throw error;
  }
}
