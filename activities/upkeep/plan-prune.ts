import { lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { undoIdOf } from '../../contract/ids.ts';
import type { PrunePlan } from '../../contract/records.ts';
import type { UpkeepPlanned } from '../../contract/upkeep.ts';
import { decidePruneKept } from '../../runbook/decide-prune-kept.ts';
import { errorCode } from '../../vault/errors.ts';
import { readJournal } from '../../vault/journal.ts';
import type { RollbackLayout } from '../../vault/layout.ts';
import { readStaging } from '../data/note-staging.ts';
import { earlierIdentity } from '../kernel/identity.ts';
import { undoFiles } from '../kernel/open-room.ts';
import { writeRecord } from '../kernel/records.ts';
import type { Room } from '../kernel/room.ts';
import { standingOf } from '../preparation/standing.ts';

/**
 * What committed or undone rollbacks that ended long enough ago have kept: safety copies, and what was moved aside.
 * Journal, plans, evidence, report and archive stay. A look; the list on disk is all it writes.
 */
export async function planPrune(room: Room, olderThanMs: number): Promise<UpkeepPlanned> {
  const rollbacks = namesIn(room.layout.rollbacksDir).flatMap((id) => {
    const files = room.layout.rollback(id);
    if (earlierIdentity(files) === undefined) return [];
    const { records } = readJournal(files.journal);
    const ageMs = room.world.now() - Date.parse(records.at(-1)?.at ?? '');
    return [{ rollbackId: id, standing: standingOf(records), ageMs, files }];
  });
  const decisions = decidePruneKept(rollbacks, olderThanMs);
  const free = decisions
    .filter((decision) => decision.free)
    .flatMap(({ rollbackId }) =>
      foldersOf(room, rollbackId).map((path) => ({ rollbackId, path, bytes: bytesIn(path) })),
    );
  const kept = decisions.filter((decision) => !decision.free).map(({ rollbackId, reason }) => ({ rollbackId, reason }));
  const plan: PrunePlan = { format: 1, at: new Date(room.world.now()).toISOString(), free, kept };
  const { hash, file } = writeRecord(room, 'prune', plan);
  const bytes = free.reduce((sum, each) => sum + each.bytes, 0);
  return {
    outcome: 'done',
    reason: free.length === 0 ? 'There is nothing to free.' : `${free.length} folder(s), ${bytes} bytes, can be freed.`,
    hash,
    bytes,
    lines: [
      ...free.slice(0, 50).map((each) => `free ${each.path}: ${each.bytes} bytes (${each.rollbackId})`),
      ...kept.slice(0, 20).map(({ rollbackId, reason }) => `keep ${rollbackId}: ${reason}`),
    ],
    files: [file],
  };
}

/** Places of ours alone: below the rollback's folder, or under a name that begins with ours. */
function foldersOf(room: Room, rollbackId: string): readonly string[] {
  const files = room.layout.rollback(rollbackId);
  const undo = undoFiles(room.layout, undoIdOf(rollbackId));
  const aside = [files, undo].flatMap((each: RollbackLayout) =>
    readStaging({ rollback: each }).map((place) => place.aside),
  );
  return [...new Set([files.safetyDir, undo.safetyDir, ...aside])].filter(
    (path) => isOurs(room, path) && isFolder(path),
  );
}

function isOurs(room: Room, path: string): boolean {
  return `${path}/`.startsWith(`${room.layout.rollbacksDir}/`) || /\/\.?durable-rollback[-/]/.test(path);
}

function isFolder(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}

function bytesIn(folder: string): number {
  let bytes = 0;
  for (const entry of readdirSync(folder, { withFileTypes: true, encoding: 'buffer' })) {
    const path = Buffer.concat([Buffer.from(`${folder}/`), entry.name]);
    if (entry.isDirectory()) bytes += bytesIn(join(folder, entry.name.toString('utf8')));
    else bytes += lstatSync(path, { throwIfNoEntry: false })?.size ?? 0;
  }
  return bytes;
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return [];
    throw error;
  }
}
