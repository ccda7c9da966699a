import { openJournal, readJournal } from '../../vault/journal.ts';
import type { RollbackLayout } from '../../vault/layout.ts';
import type { Room } from '../kernel/room.ts';
import { type Standing, standingOf } from '../preparation/standing.ts';

/** Says in the journal of a rollback where it stands from now on; said once. */
export function noteIn(
  room: Room,
  files: Pick<RollbackLayout, 'journal'>,
  text: Standing,
  detail: Readonly<Record<string, unknown>>,
): void {
  if (standingOf(readJournal(files.journal).records) === text) return;
  const { epoch, key, schedule } = room.input;
  const at = new Date(room.world.now()).toISOString();
  room.beforeEffect();
  const journal = openJournal(files.journal);
  try {
    journal.append({ at, epoch, step: key, schedule, attempt: 1, kind: 'note', text, detail });
  } finally {
    journal.close();
  }
}
