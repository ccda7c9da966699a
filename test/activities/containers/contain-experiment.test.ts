import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { containExperiment } from '../../../activities/containers/contain-experiment.ts';
import { readAdded } from '../../../activities/containers/experiment-of.ts';
import { until } from '../support/containers.ts';
import { type TestSystems, testSystems } from '../support/systems.ts';

let systems: TestSystems;

beforeEach(async () => {
  systems = await testSystems();
});
afterEach(() => systems.close());

describe('containment', () => {
  it('pauses all of the experiment, also what stands in no compose file, and nothing else', async () => {
    const mine = [await systems.service('experiment'), await systems.service('cache'), await systems.byHand()];
    const others = [await systems.service('stable'), (await systems.made.make()).id];
    await systems.plan();

    const result = await systems.run(containExperiment);

    expect(result).toMatchObject({ outcome: 'done', figures: { containers: 3, paused: 3, killed: 0 } });
    expect(await Promise.all(mine.map(systems.stateOf))).toEqual(['paused', 'paused', 'paused']);
    expect(await Promise.all(others.map(systems.stateOf))).toEqual(['running', 'running']);
    expect(await systems.run(containExperiment)).toMatchObject({ outcome: 'already-done' });
  });

  it('takes in what appeared after the planning, and says so', async () => {
    await systems.service('experiment');
    await systems.plan();
    const late = await systems.service('cache', { name: `${systems.made.tag}-late` });

    const result = await systems.run(containExperiment);

    expect(await systems.stateOf(late)).toBe('paused');
    expect(result.reason).toContain(`${systems.made.tag}-late`);
    expect(readAdded(systems.test.room).map(({ id, why }) => [id, why])).toEqual([
      [late, expect.stringContaining('after the planning')],
    ]);
  });

  it('keeps a crash loop from restarting and kills it', async () => {
    const looping = await systems.service('experiment', {
      script: 'process.exit(3)',
      host: { RestartPolicy: { Name: 'always' } },
    });
    // The engine waits longer after each crash: by then it waits for seconds.
    await until('a long wait between two crashes', async () => {
      const facts = await systems.test.world.docker.inspect(looping);
      return facts?.state === 'restarting' && facts.restartCount >= 5;
    });
    await systems.plan();

    expect(await systems.run(containExperiment)).toMatchObject({ figures: { paused: 0, killed: 1 } });

    expect(await systems.test.world.docker.inspect(looping)).toMatchObject({
      state: 'exited',
      restartPolicy: { name: 'no' },
    });
  });

  it('has every restart policy in the journal as it was', async () => {
    const id = await systems.service('experiment', { host: { RestartPolicy: { Name: 'always' } } });
    await systems.plan();
    await systems.run(containExperiment);
    const notes = systems.test.room.journal.records().filter((record) => record.kind === 'note');
    expect(notes.map((note) => note.detail?.['containers'])).toContainEqual([
      expect.objectContaining({ id, restartPolicy: { name: 'always', maximumRetryCount: 0 } }),
    ]);
  });

  it('cuts the networks with security, so that they can be joined again from the journal', async () => {
    const network = await systems.made.engine.createNetwork({ Name: `${systems.made.tag}-net` });
    systems.made.later(() => network.remove());
    const host = { NetworkMode: `${systems.made.tag}-net` };
    const id = await systems.service('experiment', { host });
    const down = await systems.service('cache', { host });
    await systems.test.world.docker.kill(down);
    await systems.plan();

    const result = await systems.run(containExperiment, { options: { security: true } });

    expect(result.figures).toMatchObject({ paused: 1, networksCut: 2 });
    for (const each of [id, down]) expect((await systems.test.world.docker.inspect(each))?.networkIds).toEqual([]);
    const cuts = systems.test.room.journal
      .records()
      .filter((record) => record.kind === 'intent' && record.effect.kind === 'disconnect');
    expect(cuts).toHaveLength(2);
    expect(cuts).toContainEqual(
      expect.objectContaining({
        effect: expect.objectContaining({
          target: id,
          detail: expect.objectContaining({ networkId: network.id, network: `${systems.made.tag}-net` }),
        }),
      }),
    );
    expect(await systems.run(containExperiment, { options: { security: true } })).toMatchObject({
      outcome: 'already-done',
    });
  });

  it('contains the others when one refuses, and names it', async () => {
    const good = await systems.service('cache');
    const bad = await systems.service('experiment', {
      name: `${systems.made.tag}-stubborn`,
      host: { AutoRemove: true },
    });
    await systems.plan();
    const room = await systems.test.again({ key: 'immediateResponse.containExperiment' });
    const { docker } = room.world;
    const refusing = {
      ...docker,
      pause: (id: string) =>
        id === bad ? Promise.reject(Object.assign(new Error('no freezer'), { code: undefined })) : docker.pause(id),
    };
    await expect(containExperiment({ ...room, world: { ...room.world, docker: refusing } })).rejects.toThrow(
      /1 of 2 .*stubborn/,
    );
    expect(await systems.stateOf(good)).toBe('paused');
    expect(await systems.stateOf(bad)).toBe('running');
  });
});
