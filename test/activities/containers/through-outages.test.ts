import { MockActivityEnvironment } from '@temporalio/testing';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { makeCompose } from '../../../activities/adapters/compose.ts';
import { makeDocker } from '../../../activities/adapters/docker.ts';
import { resolveEndpoint } from '../../../activities/adapters/endpoint.ts';
import { proveExperiment } from '../../../activities/checks/proof/prove-experiment.ts';
import { containExperiment } from '../../../activities/containers/contain-experiment.ts';
import { startStable } from '../../../activities/containers/start-stable.ts';
import { stopExperiment } from '../../../activities/containers/stop-experiment.ts';
import { asActivity } from '../../../activities/kernel/act.ts';
import { findRecord } from '../../../activities/kernel/records.ts';
import type { ActBody } from '../../../activities/kernel/room.ts';
import type { StepResult } from '../../../contract/step.ts';
import { type EngineEvents, listen } from '../../end-to-end/support/engine-events.ts';
import { type SocketProxy, socketProxy } from '../../support/socket-proxy.ts';
import { composeProject } from '../support/compose-project.ts';
import { until } from '../support/containers.ts';
import { type TestSystems, testSystems } from '../support/systems.ts';

vi.setConfig({ testTimeout: 300_000 });

/** Acts as the worker runs them, one attempt each, while their way to the engine fails. */
let proxy: SocketProxy;
let systems: TestSystems;
let witness: EngineEvents;

beforeEach(async () => {
  proxy = await socketProxy();
  const env = { ...process.env, DOCKER_HOST: proxy.url };
  const endpoint = resolveEndpoint(env);
  const docker = makeDocker(endpoint, { readMs: 1_000, changeMs: 1_000 });
  systems = await testSystems({ world: { docker, compose: makeCompose({ endpoint, env }) } });
  witness = await listen(systems.made.engine);
});
afterEach(async () => {
  witness.close();
  await systems.close();
  await proxy.close();
});

let attempts = 0;

/** One attempt of an act, as the worker makes it. */
async function attempt(act: ActBody): Promise<StepResult> {
  attempts += 1;
  const environment = new MockActivityEnvironment({ attempt: attempts });
  return environment.run(asActivity(systems.test.world, act), systems.input(`immediateResponse.${act.name}`));
}

/** What the engine saw of a container, in order. */
function seenOf(id: string): readonly string[] {
  const telling = ['pause', 'unpause', 'die', 'start'];
  return witness.seen.filter((event) => event.id === id && telling.includes(event.action)).map(({ action }) => action);
}

async function judged() {
  const known = { checkpoint: null, containment: findRecord(systems.test.room, 'containment'), recovery: undefined };
  return (await proveExperiment(systems.test.room, known)).items['experiment-out'];
}

describe('a reply that is lost', () => {
  it('costs containment and stop neither an attempt nor a second effect', async () => {
    const id = await systems.service('experiment', { host: { RestartPolicy: { Name: 'always' } } });
    await systems.plan();
    proxy.break(/POST .*\/pause/, { kind: 'lose-reply' });
    expect((await attempt(containExperiment)).outcome).toBe('done');
    for (const call of ['update', 'unpause', 'stop'])
      proxy.break(new RegExp(`POST .*/${call}`), { kind: 'lose-reply' });
    expect((await attempt(stopExperiment)).outcome).toBe('done');

    await until('the engine to tell of the end', async () => seenOf(id).includes('die'));
    expect(seenOf(id).slice(-3)).toEqual(['pause', 'unpause', 'die']);
    expect(seenOf(id).filter((action) => action === 'pause')).toHaveLength(1);
    expect(proxy.hit).toHaveLength(4);
    const open = systems.test.room.journal.unconfirmedIntents().map(({ effect }) => effect.kind);
    expect(open.filter((kind) => ['pause', 'stop', 'kill'].includes(kind))).toEqual([]);
    expect(await systems.test.world.docker.inspect(id)).toMatchObject({
      state: 'exited',
      restartPolicy: { name: 'no' },
    });
  });

  it('does not hide from the judgement that somebody starts what was stopped', async () => {
    const id = await systems.service('experiment', { name: `${systems.made.tag}-back` });
    await systems.plan();
    proxy.break(/POST .*\/stop/, { kind: 'lose-reply' });
    await attempt(stopExperiment);
    expect(await judged()).toMatchObject({ status: 'pass' });
    await systems.made.engine.getContainer(id).start();
    expect(await judged()).toMatchObject({ status: 'unknown', measured: expect.stringContaining('-back') });
  });

  it('costs compose no second container', async () => {
    const project = await composeProject(systems);
    for (const call of ['create', 'start']) {
      proxy.break(new RegExp(`POST .*/containers/.*${call}`), { kind: 'lose-reply' });
      // Compose tells a lost reply as a failure, which is the next attempt's; the engine's adapter looks again at once.
      await attempt(startStable).catch((error: unknown) => expect(String(error)).toContain('brought up'));
    }
    expect((await attempt(startStable)).outcome).toBe('already-done');
    expect(proxy.hit).toHaveLength(2);
    for (const service of ['stable', 'store']) {
      expect(await systems.stateOf(await project.idOf(service))).toBe('running');
    }
  });
});

describe('an engine that is away', () => {
  it('is waited for within the attempt, which says so, and then goes on', async () => {
    const id = await systems.service('experiment');
    await systems.plan();
    proxy.break(/./, { kind: 'refuse' }, 5);
    const result = await attempt(stopExperiment);
    expect(result).toMatchObject({ outcome: 'done', figures: { stopped: 1 } });
    expect(await systems.stateOf(id)).toBe('exited');
    expect(proxy.hit).toHaveLength(5);
    const notes = systems.test.room.journal.records().flatMap((one) => (one.kind === 'note' ? [one.text] : []));
    expect(notes).toContainEqual(expect.stringMatching(/^Docker was away for .* s; the step looks again$/));
  });

  it('is no reason to wait for whatever else goes wrong', async () => {
    const fails: ActBody = () => Promise.reject(new Error('no such thing'));
    proxy.break(/./, { kind: 'refuse' }, 1_000);
    await expect(attempt(fails)).rejects.toThrow('no such thing');
    expect(proxy.hit).toHaveLength(0);
  });
});
