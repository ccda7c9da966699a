import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { MockActivityEnvironment } from '@temporalio/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { pruneCheckpoints, releasePrune } from '../../../activities/checkpoint/prune-checkpoints.ts';
import { identityOf } from '../../../activities/kernel/identity.ts';
import { readCheckpoint } from '../../../activities/kernel/records.ts';
import type { World } from '../../../activities/kernel/world.ts';
import { lockKeyOf, takeHostLock } from '../../../activities/preparation/take-environment.ts';
import type { PruneRequest, PruneResult } from '../../../contract/checkpoint.ts';
import { snapshotOf } from '../../../target/snapshot.ts';
import { copyTree } from '../../../vault/copy-tree.ts';
import { ensureDir } from '../../../vault/durable-file.ts';
import { raiseEpoch } from '../../../vault/epoch.ts';
import { readLock, releaseLock } from '../../../vault/lock.ts';
import { type TestContainers, testContainers } from '../support/containers.ts';
import { roomFor, type TestRoom } from '../support/room.ts';

const by = { account: 'kim', uid: 1000, host: 'here' };

let made: TestContainers;
let test: TestRoom;

beforeEach(async () => {
  made = await testContainers();
  test = await roomFor({ target: { compose: { project: made.tag } } });
  mkdirSync(join(test.repository, 'data'));
});
afterEach(async () => {
  releaseLock(await keyHere(), 'prune-1');
  await made.removeAll();
  test.close();
});

const layout = () => test.room.layout;

async function keyHere() {
  return lockKeyOf(await identityOf(test.world), test.target);
}

/** A sealed checkpoint of the data as they are, sharing with the one before, its image held by a tag of ours. */
async function seal(id: string, day: number, earlier?: string): Promise<string> {
  const { dir, record, dataDir, manifest } = layout().checkpoint(id);
  writeFileSync(join(test.repository, 'data', id), Buffer.alloc(20_000, id));
  const share =
    earlier === undefined
      ? undefined
      : { copy: layout().checkpoint(earlier).dataDir('data'), manifest: layout().checkpoint(earlier).manifest('data') };
  await copyTree(join(test.repository, 'data'), dataDir('data'), {
    manifest: manifest('data'),
    share,
    beforeEffect: () => undefined,
  });
  const repo = `durable-rollback/${made.tag}`;
  await made.engine.getImage(made.image).tag({ repo, tag: id });
  const heldBy = `${repo}:${id}`;
  made.later(() => made.engine.getImage(heldBy).remove());
  const image = (await test.world.docker.imageId(heldBy)) ?? '';
  const images = [{ service: 'stable', image, reference: made.image, heldBy, configHash: null }];
  const createdAt = `2026-01-0${day}T00:00:00.000Z`;
  ensureDir(dir);
  writeFileSync(record, JSON.stringify({ format: 1, id, createdAt, ref: 'known-good', images }));
  return heldBy;
}

async function prune(ids: readonly string[], world: World = test.world): Promise<PruneResult> {
  const { target } = test;
  const request: PruneRequest = {
    environment: target.environment,
    pruneId: 'prune-1',
    by,
    why: 'the disk is full',
    target,
    targetHash: snapshotOf(target).hash,
    keep: 1,
    ids,
  };
  return new MockActivityEnvironment().run((wanted: PruneRequest) => pruneCheckpoints(world, wanted), request);
}

describe('pruning checkpoints', () => {
  it('takes folder and image names of the old one, and nothing of the one it shares files with', async () => {
    const [old, recent] = [await seal('old', 1), await seal('recent', 2, 'old')];
    const shared = join(layout().checkpoint('recent').dataDir('data'), 'old');

    const result = await prune(['old']);

    expect(result).toMatchObject({ pruned: [{ id: 'old', images: [old], imagesInUse: [] }], kept: [] });
    expect(result.pruned[0]?.bytes).toBeGreaterThan(0);
    expect(readdirSync(layout().checkpointsDir)).toEqual(['recent']);
    expect(readFileSync(shared)).toEqual(Buffer.alloc(20_000, 'old'));
    expect(await test.world.docker.imageId(old)).toBeUndefined();
    expect(await test.world.docker.imageId(recent)).toBeDefined();
    expect(await test.world.docker.imageId(made.image)).toBeDefined();
    const note = JSON.parse(readFileSync(join(layout().root, 'pruned/old.json'), 'utf8'));
    expect(note).toMatchObject({ id: 'old', by: 'kim@here', why: 'the disk is full', record: { ref: 'known-good' } });
    expect(readCheckpoint(test.room)?.id).toBe('recent');
  });

  it('keeps what a rollback would go back to, whatever was agreed to, and says why', async () => {
    await seal('only', 1);
    expect(await prune(['only'])).toEqual({
      pruned: [],
      kept: [
        {
          id: 'only',
          reasons: [
            'the target would go back to it',
            `the open rollback ${test.room.rollback.rollbackId} would go back to it`,
            'the newest',
          ],
        },
      ],
    });
    expect(existsSync(layout().checkpoint('only').record)).toBe(true);
  });

  it('keeps what an open rollback names until that rollback is closed', async () => {
    await seal('old', 1);
    await seal('recent', 2);
    const { planDir } = test.room.rollback;
    mkdirSync(planDir, { recursive: true });
    writeFileSync(join(planDir, 'recovery.json'), JSON.stringify({ checkpoint: { id: 'old' } }));
    expect((await prune(['old'])).kept).toEqual([
      { id: 'old', reasons: [`the open rollback ${test.room.rollback.rollbackId} names it`] },
    ]);

    const at = new Date().toISOString();
    const who = { at, epoch: 1, step: 'closing', schedule: 1, attempt: 1 };
    test.room.journal.append({ ...who, kind: 'note', text: 'closed' });
    expect((await prune(['old'])).pruned.map(({ id }) => id)).toEqual(['old']);
  });

  it('an attempt after a kill goes on: what lost its seal goes with its image names', async () => {
    const old = await seal('old', 1);
    await seal('recent', 2);
    const docker = { ...test.world.docker, untag: () => Promise.reject(new Error('killed here')) };
    const broken = prune(['old'], { ...test.world, docker });
    await expect(broken).rejects.toThrow('killed here');
    expect(existsSync(layout().checkpoint('old').record)).toBe(false);
    expect(existsSync(layout().checkpoint('old').dir)).toBe(true);

    expect((await prune(['old'])).pruned).toMatchObject([{ id: 'old', images: [old] }]);
    expect(existsSync(layout().checkpoint('old').dir)).toBe(false);
  });

  it('is refused while somebody else holds the system, and gives it back afterwards', async () => {
    await seal('old', 1);
    await seal('recent', 2);
    const { target, world } = test;
    takeHostLock(world, await identityOf(world), { target, id: 'a-rollback', by, why: 'an incident', server: 'test' });
    try {
      await expect(prune(['old'])).rejects.toMatchObject({ type: 'held-by-another' });
      expect(existsSync(layout().checkpoint('old').record)).toBe(true);
    } finally {
      releaseLock(await keyHere(), 'a-rollback');
    }
    await prune(['old']);
    expect(readLock(await keyHere())?.rollbackId).toBe('prune-1');
    await releasePrune(world, { target, pruneId: 'prune-1' } as PruneRequest);
    expect(readLock(await keyHere())).toBeUndefined();
  });

  it('an attempt that somebody has overtaken frees nothing', async () => {
    await seal('old', 1);
    await seal('recent', 2);
    const { world } = test;
    const overtaken = {
      ...world,
      docker: {
        ...world.docker,
        // Between its look at the images and its next effect a rollback raises the epoch.
        imageId: (reference: string) => {
          raiseEpoch(layout(), { rollbackId: 'newer', why: 'test', at: new Date().toISOString() });
          return world.docker.imageId(reference);
        },
      },
    };
    const before = readdirSync(layout().checkpoint('old').dataDir('data'));
    await expect(prune(['old'], overtaken)).rejects.toMatchObject({ type: 'stale-attempt' });
    expect(readdirSync(layout().checkpoint('old').dataDir('data'))).toEqual(before);
  });
});
