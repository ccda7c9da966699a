import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { startDataUsers } from '../../../activities/containers/start-data-users.ts';
import { stopDataUsers } from '../../../activities/containers/stop-data-users.ts';
import { writeRecord } from '../../../activities/kernel/records.ts';
import type { RecoveryPlan } from '../../../contract/records.ts';
import { writeRequest } from '../partial/support.ts';
import { type TestSystems, testSystems } from '../support/systems.ts';

let systems: TestSystems;
let ids: Record<'stable' | 'experiment' | 'byHand' | 'cache', string>;

beforeEach(async () => {
  systems = await testSystems();
  const { repository } = systems.test;
  mkdirSync(join(repository, 'data'));
  writeFileSync(join(repository, 'data', 'a.json'), '{}');
  const Binds = [`${join(repository, 'data')}:/data`];
  const using = { NetworkMode: 'none', Binds, RestartPolicy: { Name: 'always' } };
  ids = {
    stable: await systems.service('stable', { host: using, stopTimeoutS: 3 }),
    experiment: await systems.service('experiment', { host: using, stopTimeoutS: 3 }),
    byHand: await systems.byHand({ host: { NetworkMode: 'none', Binds }, stopTimeoutS: 3 }),
    cache: await systems.service('cache', { host: { NetworkMode: 'none' }, stopTimeoutS: 3 }),
  };
  writeRequest(systems.test, 'data-migration');
  await systems.plan();
  writeRecord(systems.test.room, 'recovery', {
    stopForData: [ids.stable, ids.experiment, ids.byHand],
  } as unknown as RecoveryPlan);
});

afterEach(() => systems.close());

const states = async () => Promise.all(Object.values(ids).map((id) => systems.stateOf(id)));

it('stops what uses the data of both systems, and starts the same containers with their policies again', async () => {
  await systems.run(stopDataUsers, { key: 'partial.stopDataUsers' });
  expect(await states()).toEqual(['exited', 'exited', 'exited', 'running']);
  const owed = systems.test.room.journal.openObligations().map(({ id }) => id);
  expect(owed).toEqual(expect.arrayContaining(['stable-serves', 'experiment-goes-on']));

  const started = await systems.run(startDataUsers, { key: 'partial.startDataUsers' });
  expect(started.figures).toMatchObject({ planned: 3, started: 3 });
  expect(await states()).toEqual(['running', 'running', 'running', 'running']);
  const policies = await Promise.all(Object.values(ids).map((id) => systems.test.world.docker.inspect(id)));
  expect(policies.map((facts) => facts?.restartPolicy.name)).toEqual(['always', 'always', 'no', 'no']);
  expect((await systems.run(startDataUsers, { key: 'partial.startDataUsers', schedule: 2 })).outcome).toBe(
    'already-done',
  );
});

it('says which container is gone, and starts all others', async () => {
  await systems.run(stopDataUsers, { key: 'partial.stopDataUsers' });
  await systems.made.engine.getContainer(ids.byHand).remove();
  await expect(systems.run(startDataUsers, { key: 'partial.startDataUsers' })).rejects.toThrow(ids.byHand.slice(0, 12));
  expect(await systems.stateOf(ids.stable)).toBe('running');
  expect(await systems.stateOf(ids.experiment)).toBe('running');
});
