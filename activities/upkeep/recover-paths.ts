import { relative } from 'node:path';
import type { UpkeepDone, UpkeepTask } from '../../contract/upkeep.ts';
import { ensureDir } from '../../vault/durable-file.ts';
import { showPath } from '../../vault/path-text.ts';
import { type KeptFile, keptBelow } from '../../vault/recover/kept-sources.ts';
import { nearNames } from '../../vault/recover/near-names.ts';
import { recoverFile } from '../../vault/recover/recover-file.ts';
import { asideOfRoot } from '../data/aside-of-root.ts';
import { realOf } from '../data/covers-root.ts';
import { asideOfRepository, giveAside } from '../git/aside-of-repository.ts';
import { gitOf } from '../git/git-of.ts';
import { ActFailure } from '../kernel/failures.ts';
import type { Room } from '../kernel/room.ts';
import { keptSourcesOf, type OwnedSource } from './kept-sources-of.ts';

type Recover = Extract<UpkeepTask, { readonly kind: 'recover' }>;

interface Wanted {
  readonly file: KeptFile;
  readonly owner: OwnedSource;
}

/**
 * Brings single files, or all below a folder, back from what a rollback has kept, to their place or into another folder.
 * What is there now is moved aside.
 * @throws ActFailure `refused` naming every path of which nothing was kept, with near names; nothing was changed then
 */
export async function recoverPaths(room: Room, task: Recover): Promise<UpkeepDone> {
  const sources = keptSourcesOf(room, task.rollbackId);
  const wanted = new Map<string, Wanted>();
  const missing: string[] = [];
  for (const path of task.paths) {
    const found = await findBelow(sources, path);
    if (found.length === 0) missing.push(path);
    // The first source that has a path is the one of before the rollback.
    for (const one of found) {
      const key = `${one.file.root}\0${one.file.path.toString('latin1')}`;
      if (!wanted.has(key)) wanted.set(key, one);
    }
  }
  if (missing.length > 0) throw await nothingKept(sources, task.rollbackId, missing);
  const lines: string[] = [];
  let changed = 0;
  for (const { file, owner } of wanted.values()) {
    room.signal.throwIfAborted();
    const into = task.to ?? file.root;
    const asideDir = await asideFor(room, owner, task.to);
    const kind = await recoverFile(file, {
      into,
      path: file.path,
      asideDir,
      signal: room.signal,
      beforeEffect: () => room.beforeEffect(),
    });
    giveAside(asideDir);
    if (kind === 'done') changed += 1;
    const said = kind === 'done' ? `from ${file.from}` : 'is as it was kept already';
    if (lines.length < 50) lines.push(`${into}/${showPath(file.path)} ${said}`);
  }
  return {
    outcome: changed === 0 ? 'already-done' : 'done',
    reason: `${changed} of ${wanted.size} file(s) brought back, verified by their hashes.`,
    lines,
    figures: { files: wanted.size, changed },
  };
}

async function findBelow(sources: readonly OwnedSource[], path: string): Promise<readonly Wanted[]> {
  const found: Wanted[] = [];
  for (const owner of sources) {
    for (const place of new Set([path, realOf(path)])) {
      const inside = relative(owner.source.root, place);
      if (inside === '..' || inside.startsWith('../')) continue;
      for await (const file of keptBelow(owner.source, Buffer.from(inside))) found.push({ file, owner });
    }
  }
  return found;
}

async function nothingKept(
  sources: readonly OwnedSource[],
  rollbackId: string,
  missing: readonly string[],
): Promise<ActFailure> {
  const known = new Set<string>();
  for (const { source } of sources) {
    for await (const { path } of keptBelow(source, Buffer.alloc(0))) known.add(`${source.root}/${showPath(path)}`);
  }
  const told = missing.map((path) => {
    const near = nearNames(path, known);
    return near.length === 0 ? path : `${path} (near: ${near.join(', ')})`;
  });
  return new ActFailure('refused', `${rollbackId} has kept nothing of ${told.join('; ')}. Nothing was changed.`, {
    data: { missing },
  });
}

async function asideFor(room: Room, { source, root }: OwnedSource, to: string | null): Promise<string> {
  if (to !== null) {
    room.beforeEffect();
    ensureDir(to);
    return `${to}/.durable-rollback-${room.input.rollbackId}`;
  }
  if (root !== null) return asideOfRoot(room, root, source.root);
  return asideOfRepository(await gitOf(room), room.input.rollbackId, 'worktree');
}
