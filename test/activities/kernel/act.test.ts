import { MockActivityEnvironment } from '@temporalio/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { asActivity } from '../../../activities/kernel/act.ts';
import type { ActBody } from '../../../activities/kernel/room.ts';
import { readJournal } from '../../../vault/journal.ts';
import { roomFor, type TestRoom } from '../support/room.ts';

let test: TestRoom;
beforeEach(async () => {
  test = await roomFor();
});
afterEach(() => test.close());

async function endOf(body: ActBody, break_: (environment: MockActivityEnvironment) => void) {
  const environment = new MockActivityEnvironment();
  const input = { ...test.room.input, key: 'test.act' };
  const ended = environment.run(asActivity(test.world, body), input).catch((error: unknown) => error);
  break_(environment);
  await ended;
  const records = readJournal(test.room.rollback.journal).records;
  return records.flatMap((record) =>
    record.kind === 'close' && record.step === 'test.act' ? [{ result: record.result, reason: record.reason }] : [],
  );
}

const untilBroken: ActBody = ({ signal }) =>
  new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason);
    signal.addEventListener('abort', () => reject(signal.reason));
  });

describe('the journal of an act', () => {
  it('calls one that was cancelled broken off, not failed', async () => {
    const [end] = await endOf(untilBroken, (environment) => environment.cancel('CANCELLED'));
    expect(end).toMatchObject({ result: 'cancelled', reason: expect.stringContaining('broken off') });
  });

  it('has the message of one that failed', async () => {
    const fails: ActBody = () => Promise.reject(new Error('no such thing'));
    expect(await endOf(fails, () => undefined)).toEqual([{ result: 'failed', reason: 'no such thing' }]);
  });
});
