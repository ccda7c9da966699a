import { lstatSync, renameSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import type { UpkeepDone } from '../../contract/upkeep.ts';
import { syncDir } from '../../vault/durable-file.ts';
import { readJournal } from '../../vault/journal.ts';
import { ActFailure } from '../kernel/failures.ts';
import { readPrunePlan } from '../kernel/records.ts';
import type { Room } from '../kernel/room.ts';
import { standingOf } from '../preparation/standing.ts';

/**
 * Frees the folders of the list that was agreed to. Each is renamed first, so that a killed attempt never leaves half a
 * safety copy under the name of a whole one.
 * @throws ActFailure `refused` when a rollback of the list is neither committed nor undone; the rest of it was not freed
 */
export async function pruneKept(room: Room): Promise<UpkeepDone> {
  const { free } = readPrunePlan(room);
  let [bytes, folders] = [0, 0];
  for (const each of free) {
    room.signal.throwIfAborted();
    refuseUnsettled(room, each.rollbackId);
    const going = `${each.path}.freed`;
    const there = [each.path, going].filter((path) => lstatSync(path, { throwIfNoEntry: false }) !== undefined);
    if (there.length === 0) continue;
    const detail = { rollback: each.rollbackId, bytes: each.bytes };
    await room.effect({ kind: 'free', target: each.path, recovery: 'do-again', detail }, async () => {
      if (there.includes(going)) rmSync(going, { recursive: true });
      if (there.includes(each.path)) {
        room.beforeEffect();
        renameSync(each.path, going);
        syncDir(dirname(going));
        rmSync(going, { recursive: true });
      }
      return 'done';
    });
    bytes += each.bytes;
    folders += 1;
  }
  return {
    outcome: folders === 0 ? 'already-done' : 'done',
    reason: folders === 0 ? 'Nothing was left to free.' : `${folders} folder(s), ${bytes} bytes, are freed.`,
    lines: free.slice(0, 50).map(({ path }) => path),
    figures: { folders, bytes },
  };
}

function refuseUnsettled(room: Room, rollbackId: string): void {
  const standing = standingOf(readJournal(room.layout.rollback(rollbackId).journal).records);
  if (standing === 'committed' || standing === 'undone') return;
  throw new ActFailure('refused', `${rollbackId} is neither committed nor undone; what it has kept was not freed.`);
}
