import { MockActivityEnvironment } from '@temporalio/testing';
import { expect, it } from 'vitest';
import { pingDeadMan } from '../../../activities/notices/ping-dead-man.ts';
import type { DeadManInput } from '../../../contract/notices.ts';
import { pollUntil } from '../../support/poll.ts';
import { httpReceiver } from '../../support/receivers.ts';
import { roomFor } from '../support/room.ts';

it('asks the address again and again, also after no answer, until it is cancelled', async () => {
  const receiver = await httpReceiver('drop');
  const deadMan = { url: { secret: 'SWITCH' }, every: '50ms' };
  const place = await roomFor({
    target: { notices: { deadMan } },
    world: { secrets: { SWITCH: `${receiver.url}/ping/s3cret` } },
  });
  const { environment, rollbackId, targetHash } = place.room.input;
  const activity = new MockActivityEnvironment();
  try {
    const input = { environment, rollbackId, targetHash };
    const pinging = activity.run((given: DeadManInput) => pingDeadMan(place.world, given), input);
    pinging.catch(() => undefined);
    await pollUntil(
      'two pings that nobody answers',
      () => receiver.received.length,
      (count) => count >= 2,
    );
    receiver.mood = 'take';
    const before = receiver.received.length;
    await pollUntil(
      'pings that are answered',
      () => receiver.received.length,
      (count) => count >= before + 2,
    );
    expect(new Set(receiver.received.map(({ path }) => path))).toEqual(new Set(['/ping/s3cret']));
    activity.cancel();
    await expect(pinging).rejects.toThrow();
  } finally {
    place.close();
    await receiver.close();
  }
});

it('says that there is no address, and asks nobody', async () => {
  const place = await roomFor();
  const { environment, rollbackId, targetHash } = place.room.input;
  try {
    const input = { environment, rollbackId, targetHash };
    const pinging = new MockActivityEnvironment().run((given: DeadManInput) => pingDeadMan(place.world, given), input);
    await expect(pinging).rejects.toMatchObject({ type: 'refused', nonRetryable: true });
  } finally {
    place.close();
  }
});
