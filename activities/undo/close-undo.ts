import { join } from 'node:path';
import type { StepResult } from '../../contract/step.ts';
import type { UndoEnded } from '../../contract/undo.ts';
import { ensureDir, writeFileDurably } from '../../vault/durable-file.ts';
import { releaseLock } from '../../vault/lock.ts';
import { settleStable } from '../containers/stable-obligations.ts';
import { startOwed } from '../containers/start-owed.ts';
import { identityAtStart } from '../kernel/identity.ts';
import { fileRef } from '../kernel/records.ts';
import type { Room } from '../kernel/room.ts';
import { settleEach } from '../kernel/settle-each.ts';
import { lockKeyOf } from '../preparation/take-environment.ts';
import { noteIn } from './note-in.ts';
import { undoneRollback } from './undone-rollback.ts';

/**
 * The last act of an undo, however it went: what it stopped of the stable system runs again, its verdict is on disk, and
 * the environment is free. Only a proven one counts as done in the rollback's journal; any other can be run again.
 */
export async function closeUndo(room: Room, { verdict, reasons }: UndoEnded): Promise<StepResult> {
  const troubles = await settleEach(room, [startOwed, settleStable]);
  const open = room.journal.openObligations();
  const files: NonNullable<StepResult['files']>[number][] = [];
  if (verdict !== null) files.push(writeVerdict(room, { verdict, reasons }));
  if (verdict === 'undone' || verdict === 'undone-with-exceptions') {
    noteIn(room, undoneRollback(room).files, 'undone', { verdict });
  }
  const identity = await identityAtStart(room);
  room.beforeEffect();
  releaseLock(lockKeyOf(identity, room.target), room.input.rollbackId);
  return {
    outcome: 'done',
    reason: [
      open.length === 0 ? 'Nothing is owed.' : `Still owed: ${open.map(({ what }) => what).join('; ')}.`,
      ...troubles,
      'The environment is free.',
    ].join(' '),
    figures: { openObligations: open.length },
    files,
  };
}

function writeVerdict(room: Room, ended: UndoEnded) {
  const path = join(room.rollback.reportDir, 'undo-verdict.json');
  const at = new Date(room.world.now()).toISOString();
  room.beforeEffect();
  ensureDir(room.rollback.reportDir);
  writeFileDurably(path, `${JSON.stringify({ format: 1, at, ...ended }, null, 2)}\n`);
  return fileRef(path);
}
