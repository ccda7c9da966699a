import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { freeBytes, keepBallast, releaseBallast } from '../../vault/ballast.ts';
import { type JournalEntry, openJournal, readJournal } from '../../vault/journal.ts';
import { openLateJournal, writeLateEntries } from '../../vault/late-journal.ts';
import { canMount, withSmallDisk } from '../support/small-disk.ts';

const mebibyte = 1024 * 1024;
const who = { at: '2026-01-01T00:00:00.000Z', epoch: 1, step: 'stopExperiment', schedule: 1, attempt: 1 };
const note = (text: string): JournalEntry => ({ ...who, kind: 'note', text });

describe.runIf(canMount)('the ballast', () => {
  it('takes its space from the disk and gives it back, once', async () => {
    await withSmallDisk(8, async ({ path }) => {
      const file = join(path, 'ballast');
      const before = freeBytes(path);
      expect(await keepBallast(file, 4 * mebibyte)).toBe('made');
      expect(freeBytes(path)).toBe(before - 4 * mebibyte);
      expect(await keepBallast(file, 4 * mebibyte)).toBe('there');
      expect(releaseBallast(file)).toBe(4 * mebibyte);
      expect(freeBytes(path)).toBe(before);
      expect(releaseBallast(file)).toBe(0);
    });
  });

  it('that does not fit leaves nothing behind', async () => {
    await withSmallDisk(2, async ({ path }) => {
      const before = freeBytes(path);
      expect(await keepBallast(join(path, 'ballast'), 4 * mebibyte)).toBe('no-room');
      expect(readdirSync(path)).toEqual([]);
      expect(freeBytes(path)).toBe(before);
    });
  });
});

describe.runIf(canMount)('a journal on a full disk', () => {
  it('loses nothing that it has said to be durable, and goes on when there is space', async () => {
    await withSmallDisk(1, async (disk) => {
      const path = join(disk.path, 'journal');
      const journal = openJournal(path);
      journal.append(note('before'));
      disk.fill();
      const long = 'x'.repeat(8_192);
      expect(() => journal.append(note(long))).toThrow(expect.objectContaining({ code: 'ENOSPC' }));
      journal.close();
      expect(readJournal(path).records).toMatchObject([{ text: 'before' }]);
      disk.free();
      const again = openJournal(path);
      again.append(note('after'));
      again.close();
      expect(readJournal(path).records).toMatchObject([{ text: 'before' }, { text: 'after' }]);
    });
  });

  it('is kept in memory, read as if it were there, and written in its order when there is space', async () => {
    await withSmallDisk(1, async (disk) => {
      const path = join(disk.path, 'journal');
      openJournal(path).close();
      disk.fill();
      const late = openLateJournal(path);
      const effect = { kind: 'stop', target: 'c1' };
      const intent = late.append({ ...who, kind: 'intent', effect, recovery: 'do-again' });
      late.append({ ...who, kind: 'obligation', id: 'serve', what: 'start it' });
      expect(late.unconfirmedIntents()).toMatchObject([{ seq: intent, effect }]);
      expect(late.openObligations()).toMatchObject([{ id: 'serve' }]);
      late.append({ ...who, kind: 'confirm', intent, result: 'done', reason: 'x'.repeat(8_192) });
      expect(late.unconfirmedIntents()).toEqual([]);
      expect(() => writeLateEntries(path)).toThrow(expect.objectContaining({ code: 'ENOSPC' }));

      disk.free();
      writeLateEntries(path);

      const { records } = readJournal(path);
      expect(records.map(({ kind }) => kind)).toEqual(['intent', 'obligation', 'confirm']);
      expect(records[2]).toMatchObject({ intent: records[0]?.seq });
      expect(writeLateEntries(path)).toBe(0);
    });
  });
});
