import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { proveExperiment } from '../../../activities/checks/proof/prove-experiment.ts';
import { containExperiment } from '../../../activities/containers/contain-experiment.ts';
import { readReturns } from '../../../activities/containers/returns.ts';
import { stopExperiment } from '../../../activities/containers/stop-experiment.ts';
import { watchExperiment } from '../../../activities/containers/watch-experiment.ts';
import { findRecord } from '../../../activities/kernel/records.ts';
import { until } from '../support/containers.ts';
import { type TestSystems, testSystems } from '../support/systems.ts';

let systems: TestSystems;
let watching: Promise<unknown> | undefined;

/** How far the wall clock of the rollback has jumped; the engine's own stays. */
let jumpedMs = 0;

beforeEach(async () => {
  jumpedMs = 0;
  systems = await testSystems({ world: { now: () => Date.now() + jumpedMs } });
});
afterEach(async () => {
  systems.test.abort.abort(new Error('the test is over'));
  await watching;
  watching = undefined;
  await systems.close();
});

async function watch(): Promise<void> {
  watching = systems.run(watchExperiment, { key: 'judgement.watchExperiment' }).catch((error: unknown) => error);
  await until('the watch to be at work', async () => systems.test.progress.some((text) => text.includes('watching')));
}

function returned() {
  return readReturns(systems.test.room).map(({ id, putBackTo }) => ({ id, putBackTo }));
}

async function judged() {
  const known = { checkpoint: null, containment: findRecord(systems.test.room, 'containment'), recovery: undefined };
  return (await proveExperiment(systems.test.room, known)).items['experiment-out'];
}

describe('the watch', () => {
  it('stops again what somebody starts, and the judgement names it', async () => {
    const id = await systems.service('experiment', { name: `${systems.made.tag}-back` });
    await systems.plan();
    await systems.run(containExperiment);
    await systems.run(stopExperiment);
    expect(await judged()).toMatchObject({ status: 'pass' });
    await watch();

    await systems.test.world.docker.start(id);

    await until('the return to be written', async () => returned().length > 0);
    await until('it to be stopped again', async () => (await systems.stateOf(id)) === 'exited');
    expect(returned()).toEqual([{ id, putBackTo: 'stopped' }]);
    expect(await judged()).toMatchObject({
      status: 'unknown',
      measured: expect.stringContaining(`${systems.made.tag}-back`),
    });
  });

  it('sees what came back, and went, before it began', async () => {
    const id = await systems.service('experiment');
    await systems.plan();
    await systems.run(stopExperiment);
    await systems.test.world.docker.start(id);
    await systems.test.world.docker.kill(id);

    await watch();

    expect(returned()).toEqual([{ id, putBackTo: 'stopped' }]);
  });

  it('stops a new container of the experiment, and leaves those of others alone', async () => {
    await systems.service('experiment');
    await systems.plan();
    await systems.run(stopExperiment);
    await watch();

    const stable = await systems.service('stable');
    const late = await systems.service('cache');

    await until('the newcomer to be stopped', async () => (await systems.stateOf(late)) === 'exited');
    expect(returned()).toEqual([{ id: late, putBackTo: 'stopped' }]);
    expect(await systems.stateOf(stable)).toBe('running');
  });

  it('pauses again what is only contained so far, and touches nothing before that', async () => {
    const id = await systems.service('experiment');
    await systems.plan();
    await watch();
    await systems.test.world.docker.pause(id);
    await systems.test.world.docker.unpause(id);
    expect(returned()).toEqual([]);

    await systems.run(containExperiment);
    await systems.test.world.docker.unpause(id);

    await until('the return to be written', async () => returned().length > 0);
    await until('it to be paused again', async () => (await systems.stateOf(id)) === 'paused');
    expect(returned()).toEqual([{ id, putBackTo: 'paused' }]);
  });
});

describe.each([
  ['forwards', 3],
  ['backwards', -2],
])('a wall clock that jumps %s by %i hours', (_, hours) => {
  it.each(['before the stop', 'after the stop'])(
    'makes no return where there was none, and hides none: %s',
    async (when) => {
      const name = `${systems.made.tag}-jumped`;
      const id = await systems.service('experiment', { name });
      await systems.plan();
      await systems.run(containExperiment);
      if (when === 'before the stop') jumpedMs = hours * 3_600_000;
      await systems.run(stopExperiment);
      if (when === 'after the stop') jumpedMs = hours * 3_600_000;
      expect(await judged()).toMatchObject({ status: 'pass' });
      await watch();
      expect(returned()).toEqual([]);

      await systems.test.world.docker.start(id);
      await until('the return to be written', async () => returned().length > 0);
      expect(returned()).toEqual([{ id, putBackTo: 'stopped' }]);
      await until('it to be stopped again', async () => (await systems.stateOf(id)) === 'exited');
      expect(await judged()).toMatchObject({ status: 'unknown', measured: expect.stringContaining(name) });
    },
  );
});
