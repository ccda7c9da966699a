import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startStable } from '../../../activities/containers/start-stable.ts';
import { type ComposeProject, composeProject } from '../support/compose-project.ts';
import { type TestSystems, testSystems } from '../support/systems.ts';

let systems: TestSystems;
let project: ComposeProject;

beforeEach(async () => {
  systems = await testSystems();
  project = await composeProject(systems);
  await project.up();
});
afterEach(() => systems.close());

async function factsOf(service: string) {
  const facts = await systems.test.world.docker.inspect(await project.idOf(service));
  if (facts === undefined) throw new Error(`no ${service}`);
  return facts;
}

describe('the start of the stable system', () => {
  it('touches nothing where all runs', async () => {
    const before = [await factsOf('stable'), await factsOf('store')];
    expect(await systems.run(startStable)).toMatchObject({ outcome: 'already-done', figures: { untouched: 2 } });
    expect([await factsOf('stable'), await factsOf('store')]).toEqual(before);
  });

  it('starts what is stopped and unpauses what is paused, under their own ids', async () => {
    const { docker } = systems.test.world;
    const [stable, store] = [await factsOf('stable'), await factsOf('store')];
    await docker.stop(stable.id, 3);
    await docker.pause(store.id);

    const result = await systems.run(startStable);

    expect(result).toMatchObject({ outcome: 'done', figures: { started: 1, unpaused: 1, created: 0 } });
    expect(await factsOf('stable')).toMatchObject({ id: stable.id, state: 'running' });
    expect(await factsOf('store')).toMatchObject({ id: store.id, state: 'running', startedAt: store.startedAt });
  });

  it('has compose make what is gone, and leaves what is there alone', async () => {
    const [stable, store] = [await factsOf('stable'), await factsOf('store')];
    await systems.made.engine.getContainer(stable.id).remove({ force: true });
    // The file has another configuration by now: the running container is not replaced for that.
    project.write({ CHANGED: 'set' });

    expect(await systems.run(startStable)).toMatchObject({ outcome: 'done', figures: { created: 1, untouched: 1 } });

    expect(await factsOf('stable')).toMatchObject({ state: 'running', image: stable.image });
    expect(await factsOf('store')).toEqual(store);
  });
});
