import type { UpkeepDone } from '../../contract/upkeep.ts';
import { readJournal } from '../../vault/journal.ts';
import { ActFailure } from '../kernel/failures.ts';
import { earlierIdentity } from '../kernel/identity.ts';
import type { Room } from '../kernel/room.ts';
import { standingOf } from '../preparation/standing.ts';
import { noteIn } from '../undo/note-in.ts';

/**
 * Ends the time in which a rollback can be undone: from then on `prune` may free what it has kept.
 * @throws ActFailure `refused` unless the rollback has ended; nothing was changed
 */
export async function commitRollback(room: Room, rollbackId: string): Promise<UpkeepDone> {
  const files = room.layout.rollback(rollbackId);
  if (earlierIdentity(files) === undefined) {
    throw new ActFailure('refused', `There is no journal of ${rollbackId} on this host; nothing was changed.`);
  }
  const standing = standingOf(readJournal(files.journal).records);
  if (standing === 'committed') {
    return { outcome: 'already-done', reason: `${rollbackId} is committed already.`, lines: [] };
  }
  if (standing !== 'closed') {
    const why =
      standing === 'undone' ? 'it is undone' : standing === 'undo begun' ? 'its undo has begun' : 'it has not ended';
    throw new ActFailure('refused', `${rollbackId} cannot be committed: ${why}. Nothing was changed.`);
  }
  noteIn(room, files, 'committed', { by: room.input.rollbackId });
  return { outcome: 'done', reason: `${rollbackId} is committed; it cannot be undone any more.`, lines: [] };
}
