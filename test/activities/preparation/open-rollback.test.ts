import { rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { identityOf } from '../../../activities/kernel/identity.ts';
import { openRollback } from '../../../activities/preparation/open-rollback.ts';
import { lockKeyOf } from '../../../activities/preparation/take-environment.ts';
import { snapshotOf } from '../../../target/snapshot.ts';
import { ensureDir } from '../../../vault/durable-file.ts';
import { environmentLayout } from '../../../vault/layout.ts';
import { readLock, releaseLock } from '../../../vault/lock.ts';
import { requestOf } from '../../support/rollback-run.ts';
import { type TestRecovery, testRecovery } from '../support/recovery.ts';

let made: TestRecovery;

beforeEach(async () => {
  made = await testRecovery();
  made.write('README.md', 'read me\n');
  await made.tag();
});
afterEach(async () => {
  releaseLock(await key(), id);
  made.close();
});

const id = 'test-20260101t000000z-open';
const key = async () => lockKeyOf(await identityOf(made.test.world), made.test.target);

function open() {
  const { target } = made.test;
  const request = requestOf({ environment: 'test', rollbackId: id, target, targetHash: snapshotOf(target).hash });
  const input = { ...made.test.room.input, rollbackId: id, key: 'preparation.openRollback', epoch: 0 };
  return openRollback(made.test.world, input, request);
}

describe('taking the environment', () => {
  it('holds the host-wide lock; when it fails before anything began, nobody is kept out', async () => {
    const { epochsDir } = environmentLayout(made.test.world.stateRoot, 'test');
    rmSync(epochsDir, { recursive: true, force: true });
    ensureDir(dirname(epochsDir));
    writeFileSync(epochsDir, 'a file where the folder should be');
    await expect(open()).rejects.toThrow();
    expect(readLock(await key())).toBeUndefined();

    rmSync(epochsDir);
    expect(await open()).toMatchObject({ outcome: 'done', epoch: 1 });
    expect(readLock(await key())).toMatchObject({ rollbackId: id });
  });

  it('needs no tag where the checkpoint is recorded with its commit', async () => {
    await made.git('tag', '-d', made.test.target.repository.checkpoint);
    await expect(open()).rejects.toMatchObject({ kind: 'unknown-checkpoint' });
    await made.git('tag', made.test.target.repository.checkpoint);
    await made.seal();
    await made.git('tag', '-d', made.test.target.repository.checkpoint);
    expect(await open()).toMatchObject({ outcome: 'done' });
  });
});
