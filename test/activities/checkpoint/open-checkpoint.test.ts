import { rmSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openCheckpoint } from '../../../activities/checkpoint/open-checkpoint.ts';
import { identityOf } from '../../../activities/kernel/identity.ts';
import { lockKeyOf } from '../../../activities/preparation/take-environment.ts';
import { snapshotOf } from '../../../target/snapshot.ts';
import { environmentLayout } from '../../../vault/layout.ts';
import { readLock, releaseLock } from '../../../vault/lock.ts';
import { requestOf } from '../../support/rollback-run.ts';
import { roomFor, type TestRoom } from '../support/room.ts';

let test: TestRoom;
const id = 'test-20260101t000000z-open-cp';
const key = async () => lockKeyOf(await identityOf(test.world), test.target);

beforeEach(async () => {
  test = await roomFor();
});
afterEach(async () => {
  releaseLock(await key(), id);
  test.close();
});

describe('a checkpoint that could not begin', () => {
  it('keeps no rollback out', async () => {
    const { target, world } = test;
    const { by, targetHash, ...rest } = requestOf({ target, targetHash: snapshotOf(target).hash });
    const request = { ...rest, environment: 'test', checkpointId: id, by, why: 'test', targetHash };
    const input = { ...test.room.input, rollbackId: id, key: 'checkpoint.openCheckpoint', epoch: 0 };
    const { epochsDir } = environmentLayout(world.stateRoot, 'test');
    rmSync(epochsDir, { recursive: true });
    writeFileSync(epochsDir, 'a file where the folder should be');

    await expect(openCheckpoint(world, input, request)).rejects.toThrow();
    expect(readLock(await key())).toBeUndefined();

    rmSync(epochsDir);
    expect(await openCheckpoint(world, input, request)).toMatchObject({ outcome: 'done', epoch: 1 });
    expect(readLock(await key())).toMatchObject({ rollbackId: id });
  });
});
