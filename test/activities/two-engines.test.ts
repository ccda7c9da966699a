import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { allActivities } from '../../activities/index.ts';
import { identityOf } from '../../activities/kernel/identity.ts';
import { openRoom } from '../../activities/kernel/open-room.ts';
import type { World } from '../../activities/kernel/world.ts';
import { openRollback } from '../../activities/preparation/open-rollback.ts';
import { lockKeyOf } from '../../activities/preparation/take-environment.ts';
import type { StepInput, StepResult } from '../../contract/step.ts';
import { type StepName, steps } from '../../runbook/steps.ts';
import { snapshotOf } from '../../target/snapshot.ts';
import { ensureDir } from '../../vault/durable-file.ts';
import { releaseLock } from '../../vault/lock.ts';
import { realWorld } from '../../workers/real-world.ts';
import { withPrivateEngine } from '../support/private-engine.ts';
import { requestOf } from '../support/rollback-run.ts';
import { type TestSystems, testSystems } from './support/systems.ts';

/** A worker of another machine or engine on the same queue: nothing that it sees says anything of what was done. */
let systems: TestSystems;

beforeEach(async () => {
  systems = await testSystems();
});
afterEach(async () => {
  const { world, target, room } = systems.test;
  releaseLock(lockKeyOf(await identityOf(world), target), room.input.rollbackId);
  await systems.close();
});

/** A rollback begun on this machine's engine, as its acts are told of it. */
async function begin(): Promise<StepInput> {
  const { world, target, room } = systems.test;
  const input: StepInput = { ...room.input, key: 'preparation.openRollback', mode: 'emergency' };
  const { environment, rollbackId } = input;
  const { hash: targetHash } = snapshotOf(target);
  const request = requestOf({ environment, rollbackId, target, targetHash, scenario: 'emergency' });
  return { ...input, epoch: (await openRollback(world, input, request)).epoch };
}

/** That an act fails is what is wanted here. */
const quiet = { logger: new DefaultLogger('ERROR') };

/** What each act says on such a world; `openRollback` is given the request besides and asked by itself. */
async function saidBy(world: World, input: StepInput): Promise<ReadonlySet<string>> {
  const acts = allActivities(world);
  const said = new Set<string>();
  for (const step of (Object.keys(steps) as StepName[]).filter((name) => name !== 'openRollback')) {
    const act = acts[step] as (input: StepInput) => Promise<StepResult>;
    const told = new MockActivityEnvironment(undefined, quiet).run(act, { ...input, key: `emergency.${step}` });
    said.add(await told.then((result) => `${step}: ${(result as StepResult).outcome}`, typeOf));
  }
  return said;
}

function typeOf(error: unknown): string {
  return error instanceof Error && 'type' in error ? String(error.type) : String(error);
}

it('every act refuses another engine, where each container of the plan would look like stopped long ago', async () => {
  const id = await systems.service('experiment');
  const input = await begin();
  await withPrivateEngine(async ({ url }) => {
    const { stateRoot } = systems.test.world;
    const other = realWorld(stateRoot, 'test server', { ...process.env, DOCKER_HOST: url });
    expect(await other.docker.stop(id, 1)).toBe('already');

    expect(await saidBy(other, input)).toEqual(new Set(['another-machine']));
    const { target } = systems.test;
    const again = requestOf({ ...input, target, resume: true, scenario: 'emergency' });
    await expect(openRollback(other, input, again)).rejects.toMatchObject({ kind: 'another-machine' });
    expect(await systems.stateOf(id)).toBe('running');
  });
});

it('every act refuses on a host that has nothing of the rollback, and leaves nothing there', async () => {
  const input = await begin();
  const elsewhere = join(systems.test.dir, 'state-of-another-host');
  ensureDir(elsewhere);
  const other = { ...systems.test.world, stateRoot: elsewhere };
  expect(await saidBy(other, input)).toEqual(new Set(['another-machine']));
  expect(readdirSync(elsewhere)).toEqual([]);
});

it('the same engine goes on, and one that does not answer is no other engine', async () => {
  const input = await begin();
  const { world, abort, dir } = systems.test;
  const attempt = { input, attempt: 1, signal: abort.signal, progress: () => undefined };
  (await openRoom(world, attempt)).close();
  const silent = realWorld(world.stateRoot, 'test server', { DOCKER_HOST: `unix://${join(dir, 'none.sock')}` });
  (await openRoom(silent, { ...attempt, attempt: 2 })).close();
});
