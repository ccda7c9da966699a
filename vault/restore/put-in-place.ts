import { existsSync, lstatSync, renameSync, rmSync } from 'node:fs';
import { isAbsent } from '../dir-tree.ts';
import { syncDir } from '../durable-file.ts';
import { matcherOf } from '../glob.ts';
import type { ManifestEntry } from '../manifest/entry.ts';
import { readManifest } from '../manifest/read.ts';
import { microsecondsOf } from '../mtime.ts';
import { showPath } from '../path-text.ts';
import { setHeld, setSymlink, withHeld } from '../place-entry.ts';
import { folderKey } from './keep-aside.ts';
import type { RestoreWork, Todo } from './restore-work.ts';
import { stageHardLink } from './stage.ts';

export interface PutCounts {
  restored: number;
  metadataSet: number;
  bytes: number;
}

/**
 * Renames the staged files over the old ones, each in the tick of its fence check. What lets the system start comes
 * last, after all else is durable; further names of a file after its first.
 */
export async function putInPlace(work: RestoreWork): Promise<PutCounts> {
  const counts: PutCounts = { restored: 0, metadataSet: 0, bytes: 0 };
  const isLast = matcherOf(work.request.last ?? []);
  const ordinary = (todo: Todo) => todo.action === 'make-folder' || !isLast(todo.difference.path);
  await putThose(work, counts, (todo) => todo.action !== 'relink' && ordinary(todo));
  await putThose(work, counts, (todo) => todo.action === 'relink' && ordinary(todo));
  syncTouched(work);
  await putThose(work, counts, (todo) => todo.action !== 'relink' && !ordinary(todo));
  await putThose(work, counts, (todo) => todo.action === 'relink' && !ordinary(todo));
  syncTouched(work);
  await settleFolders(work, counts);
  return counts;
}

async function putThose(work: RestoreWork, counts: PutCounts, wanted: (todo: Todo) => boolean): Promise<void> {
  for await (const todo of work.todos()) {
    const { a } = todo.difference;
    if (a === undefined || !wanted(todo)) continue;
    putOne(work, { todo, entry: a }, counts);
    if (counts.restored % 256 === 255) {
      work.request.onProgress?.({ phase: 'place', entries: counts.restored, bytes: counts.bytes });
    }
  }
}

function putOne(work: RestoreWork, { todo, entry }: { todo: Todo; entry: ManifestEntry }, counts: PutCounts): void {
  switch (todo.action) {
    case 'leave':
    case 'move-away':
      return;
    case 'make-folder':
      work.request.beforeEffect();
      work.target.makeFolders(entry.path);
      // Its own times are set at the end, together with those of the folder it is in.
      work.touched.add(folderKey(entry.path)).add(entry.path.toString('latin1'));
      counts.restored += 1;
      return;
    case 'relink':
      work.request.beforeEffect();
      if (entry.sameAs !== undefined) stageHardLink(work, todo, entry.sameAs);
      renameInto(work, todo);
      counts.restored += 1;
      return;
    case 'put':
      work.request.beforeEffect();
      renameInto(work, todo);
      counts.restored += 1;
      counts.bytes += entry.size;
      return;
    case 'set-metadata':
      work.request.beforeEffect();
      if (entry.type !== 'dir' && work.isStaged(todo)) renameInto(work, todo);
      else if (entry.type !== 'dir') setInPlace(work, entry);
      if (entry.type !== 'dir') counts.metadataSet += 1;
      return;
  }
}

function renameInto(work: RestoreWork, todo: Todo): void {
  const { path } = todo.difference;
  const staged = work.stagedName(todo);
  renameSync(staged, work.target.at(path));
  // rename(2) does nothing when both names are already one file.
  if (existsSync(staged)) rmSync(staged);
  work.touched.add(folderKey(path));
}

function setInPlace(work: RestoreWork, entry: ManifestEntry): void {
  const at = work.target.at(entry.path);
  const kept = entry.type === 'symlink' ? setSymlink(at, entry) : withHeld(at, (held) => setHeld(held, entry));
  if (!kept) work.except(`${showPath(entry.path)}: owner ${entry.uid}:${entry.gid} may not be set by this account`);
}

function syncTouched(work: RestoreWork): void {
  work.request.beforeEffect();
  syncDir(work.stageDir);
  for (const folder of work.touched) {
    try {
      work.target.sync(Buffer.from(folder, 'latin1'));
    } catch (error) {
      // A folder that was itself moved aside: its parent is in the set and is synced.
      if (!isAbsent(error)) throw error;
    }
  }
}

/** Owner, mode and times of folders: last, since each rename in a folder changes its time. */
async function settleFolders(work: RestoreWork, counts: PutCounts): Promise<void> {
  const different = new Set<string>();
  for await (const { action, difference } of work.todos()) {
    if (action === 'set-metadata' && difference.a?.type === 'dir') different.add(difference.path.toString('latin1'));
  }
  for await (const entry of readManifest(work.request.manifest)) {
    const key = entry.path.toString('latin1');
    if (entry.type !== 'dir' || !(different.has(key) || work.touched.has(key))) continue;
    const held = work.target.folder(entry.path);
    if (isSettled(held, entry)) continue;
    work.request.beforeEffect();
    if (!setHeld(held, entry)) work.except(`${showPath(entry.path)}: its owner may not be set by this account`);
    work.target.sync(entry.path);
    if (different.has(key)) counts.metadataSet += 1;
  }
}

function isSettled(held: Buffer, entry: ManifestEntry): boolean {
  const stat = lstatSync(Buffer.concat([held, Buffer.from('/.')]), { bigint: true });
  const sameOwner = Number(stat.uid) === entry.uid && Number(stat.gid) === entry.gid;
  return sameOwner && (Number(stat.mode) & 0o7777) === entry.mode && microsecondsOf(stat.mtimeNs) === entry.mtimeUs;
}
