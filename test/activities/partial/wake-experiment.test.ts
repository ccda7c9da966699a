import { afterEach, beforeEach, expect, it } from 'vitest';
import { containExperiment } from '../../../activities/containers/contain-experiment.ts';
import { stopExperiment } from '../../../activities/containers/stop-experiment.ts';
import { wakeExperiment } from '../../../activities/partial/wake-experiment.ts';
import { type TestSystems, testSystems } from '../support/systems.ts';

let systems: TestSystems;

beforeEach(async () => {
  systems = await testSystems();
});

afterEach(() => systems.close());

const host = { NetworkMode: 'none', RestartPolicy: { Name: 'always' } };

it('has what this rollback stopped go on under the same ids and policies, and leaves the rest as it is', async () => {
  const stopped = await systems.service('experiment', { host, stopTimeoutS: 3 });
  const downBefore = await systems.service('cache', { host: { NetworkMode: 'none' }, started: false });
  await systems.plan();
  await systems.run(containExperiment);
  await systems.run(stopExperiment);
  expect(await systems.stateOf(stopped)).toBe('exited');

  const woken = await systems.run(wakeExperiment, { key: 'partial.wakeExperiment' });
  expect(woken).toMatchObject({ outcome: 'done', figures: { started: 1, gone: 0 } });
  expect(await systems.test.world.docker.inspect(stopped)).toMatchObject({
    state: 'running',
    restartPolicy: { name: 'always' },
  });
  expect(await systems.stateOf(downBefore)).toBe('created');
  const again = await systems.run(wakeExperiment, { key: 'partial.wakeExperiment', schedule: 2 });
  expect(again.outcome).toBe('already-done');
});

it('unpauses what was only contained', async () => {
  const paused = await systems.service('experiment', { host, stopTimeoutS: 3 });
  await systems.plan();
  await systems.run(containExperiment);
  expect(await systems.stateOf(paused)).toBe('paused');
  await systems.run(wakeExperiment, { key: 'partial.wakeExperiment' });
  expect(await systems.stateOf(paused)).toBe('running');
});

it('names what is gone', async () => {
  const gone = await systems.service('experiment', { host, stopTimeoutS: 3 });
  await systems.plan();
  await systems.run(stopExperiment);
  await systems.made.engine.getContainer(gone).remove();
  expect(await systems.run(wakeExperiment, { key: 'partial.wakeExperiment' })).toMatchObject({
    outcome: 'failed',
    figures: { gone: 1 },
  });
});
