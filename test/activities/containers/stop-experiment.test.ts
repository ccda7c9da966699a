import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { containExperiment } from '../../../activities/containers/contain-experiment.ts';
import { readReturns } from '../../../activities/containers/returns.ts';
import { stopExperiment } from '../../../activities/containers/stop-experiment.ts';
import { verifyExperimentStopped } from '../../../activities/containers/verify-experiment-stopped.ts';
import { captureDoomedContainers } from '../../../activities/evidence/capture-doomed-containers.ts';
import { until } from '../support/containers.ts';
import { type TestSystems, testSystems } from '../support/systems.ts';

let systems: TestSystems;

beforeEach(async () => {
  systems = await testSystems();
});
afterEach(() => systems.close());

/** Says a last word when it is asked to end, which a killed one cannot. */
const lastWord =
  "process.on('SIGTERM', () => { console.log('last word'); process.exit(0); }); console.log('first word')";
const always = { RestartPolicy: { Name: 'always' as const } };

async function logOf(id: string): Promise<string> {
  const parts: Buffer[] = [];
  for await (const chunk of systems.test.world.docker.logs(id, {})) parts.push(chunk.bytes);
  return Buffer.concat(parts).toString();
}

describe('the stop', () => {
  it('unpauses and stops, forbids restarts first, and removes nothing', async () => {
    const mine = [await systems.service('experiment', { script: lastWord, host: always }), await systems.byHand()];
    const stable = await systems.service('stable', { host: always });
    await systems.plan();
    await systems.run(containExperiment);

    const result = await systems.run(stopExperiment);

    expect(result).toMatchObject({ outcome: 'done', figures: { stopped: 2, killed: 0, policiesChanged: 1 } });
    expect(await Promise.all(mine.map(systems.stateOf))).toEqual(['exited', 'exited']);
    const facts = await systems.test.world.docker.inspect(mine[0] ?? '');
    expect(facts).toMatchObject({ exitCode: 0, restartPolicy: { name: 'no' } });
    expect(await logOf(mine[0] ?? '')).toContain('last word');
    expect(await systems.test.world.docker.inspect(stable)).toMatchObject({
      state: 'running',
      restartPolicy: { name: 'always' },
    });
    const kinds = systems.test.room.journal
      .records()
      .flatMap((record) => (record.kind === 'intent' && record.effect.target === mine[0] ? [record.effect.kind] : []));
    expect(kinds).toEqual(['pause', 'set-restart-policy', 'unpause', 'stop']);
    expect(await systems.run(stopExperiment)).toMatchObject({ outcome: 'already-done' });
  });

  it('kills without unpausing where the data may be corrupt', async () => {
    const id = await systems.service('experiment', { script: lastWord });
    await systems.plan();
    await systems.run(containExperiment);

    await systems.run(stopExperiment, { options: { suspectData: true } });

    expect(await systems.test.world.docker.inspect(id)).toMatchObject({ state: 'exited', exitCode: 137 });
    expect(await logOf(id)).not.toContain('last word');
  });

  it('keeps a container whole that its stop deletes, also one that nobody captured before', async () => {
    const script = "require('fs').writeFileSync('/tmp/notes', 'x'); console.log('spoken')";
    const id = await systems.service('experiment', { script, host: { AutoRemove: true } });
    await systems.plan();
    await systems.run(containExperiment);

    await systems.run(stopExperiment);

    await until('the engine to delete it', async () => (await systems.stateOf(id)) === 'gone');
    const commits = systems.test.room.journal
      .records()
      .flatMap((record) => (record.kind === 'intent' && record.effect.kind === 'commit' ? [record.effect.detail] : []));
    const reference = String(commits[0]?.['reference']);
    systems.made.later(() => systems.made.engine.getImage(reference).remove());
    expect(await systems.test.world.docker.imageId(reference)).toBeDefined();
  });
});

describe('a container that joined before the plan was made again', () => {
  it('is taken once: two hands on it would spoil its capture', async () => {
    await systems.plan();
    const id = await systems.service('experiment', { script: "console.log('spoken')", host: { AutoRemove: true } });
    await systems.run(containExperiment);
    await systems.plan();

    expect(await systems.run(captureDoomedContainers)).toMatchObject({ figures: { doomed: 1 } });
    const commits = systems.test.room.journal
      .records()
      .flatMap((record) => (record.kind === 'intent' && record.effect.kind === 'commit' ? [record.effect.detail] : []));
    systems.made.later(() => systems.made.engine.getImage(String(commits[0]?.['reference'])).remove());
    expect(commits).toHaveLength(1);

    expect(await systems.run(stopExperiment)).toMatchObject({ figures: { containers: 1, stopped: 1 } });
    await until('the engine to delete it', async () => (await systems.stateOf(id)) === 'gone');
  });
});

describe('the proof that nothing runs', () => {
  it('finds by a new search what no plan knows', async () => {
    await systems.plan();
    expect(await systems.run(verifyExperimentStopped)).toMatchObject({ outcome: 'done', figures: { running: 0 } });
    await systems.service('experiment', { name: `${systems.made.tag}-late` });
    await expect(systems.run(verifyExperimentStopped)).rejects.toThrow(`${systems.made.tag}-late (running)`);
  });

  it('stops again what somebody has started since the stop, names it, and writes it down', async () => {
    const id = await systems.service('experiment', { name: `${systems.made.tag}-back` });
    await systems.plan();
    await systems.run(stopExperiment);
    await systems.test.world.docker.start(id);

    const verified = await systems.run(verifyExperimentStopped);

    expect(verified).toMatchObject({ outcome: 'done', reason: expect.stringContaining(`${systems.made.tag}-back`) });
    expect(await systems.stateOf(id)).toBe('exited');
    expect(readReturns(systems.test.room).map((one) => one.id)).toEqual([id]);
  });

  it('counts a paused one as there, and is open about one that would restart', async () => {
    const id = await systems.service('experiment', { host: always });
    await systems.plan();
    await systems.test.world.docker.pause(id);
    await expect(systems.run(verifyExperimentStopped)).rejects.toThrow('(paused)');
    await systems.test.world.docker.kill(id);
    expect(await systems.run(verifyExperimentStopped)).toMatchObject({ outcome: 'unknown' });
  });
});
