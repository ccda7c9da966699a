import { join } from 'node:path';
import { readIfThere } from '../../vault/durable-file.ts';
import { releaseLock } from '../../vault/lock.ts';
import { settleStable } from '../containers/stable-obligations.ts';
import { startOwed } from '../containers/start-owed.ts';
import { thawLeft } from '../data/while-frozen.ts';
import { identityAtStart } from '../kernel/identity.ts';
import type { ActBody, Room } from '../kernel/room.ts';
import { settleEach } from '../kernel/settle-each.ts';
import { lockKeyOf } from '../preparation/take-environment.ts';
import { reportName } from './write-report.ts';

/** Text of the journal's note by which a rollback ends. */
export const closedNote = 'closed';
/** Text of the note of one that ended before its time: `resume` goes on from there. */
export const leftOpenNote = 'left open for resume';

/**
 * The last act: what is still owed to the stable system is done where it can be done, and proven by inspect; the rest
 * stays open and is told. Then the environment is free for others, whatever the ending: a cancelled rollback must not
 * keep an emergency from starting. Only a finished one is closed in the journal; `resume` takes the lock again.
 */
export const closeRollback: ActBody = async (room) => {
  const troubles = await settleEach(room, [thawLeft, startOwed, settleStable]);
  const open = room.journal.openObligations();
  const ending = room.input.options.ending ?? 'finished';
  const reportPath = join(room.rollback.reportDir, reportName);
  const reported = readIfThere(reportPath) !== undefined;
  note(room, ending === 'finished' ? closedNote : leftOpenNote, { ending, open: open.map(({ id }) => id) });
  const identity = await identityAtStart(room);
  room.beforeEffect();
  const released = releaseLock(lockKeyOf(identity, room.target), room.input.rollbackId);
  return {
    outcome: 'done',
    reason: [
      endings[ending],
      open.length === 0 ? 'Nothing is owed.' : `Still owed: ${open.map(({ what }) => what).join('; ')}.`,
      ...troubles,
      released === 'held-by-other' ? 'The environment is held by another rollback.' : 'The environment is free.',
    ].join(' '),
    figures: { openObligations: open.length, lock: released, ...(reported ? { reportPath } : {}) },
  };
};

const endings = {
  finished: 'The rollback is closed.',
  cancelled: 'The rollback was cancelled and can be resumed.',
  'gave-up': 'The rollback was given up and can be resumed.',
} as const;

function note(room: Room, text: string, detail: Readonly<Record<string, unknown>>): void {
  const { epoch, key, schedule } = room.input;
  room.beforeEffect();
  room.journal.append({
    at: new Date(room.world.now()).toISOString(),
    epoch,
    step: key,
    schedule,
    attempt: 1,
    kind: 'note',
    text,
    detail,
  });
}
