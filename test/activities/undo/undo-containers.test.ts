import { afterEach, describe, expect, it } from 'vitest';
import { containExperiment } from '../../../activities/containers/contain-experiment.ts';
import { startStableOnPins } from '../../../activities/containers/start-stable-on-pins.ts';
import { stopExperiment } from '../../../activities/containers/stop-experiment.ts';
import { captureDoomedContainers } from '../../../activities/evidence/capture-doomed-containers.ts';
import { writeRecord } from '../../../activities/kernel/records.ts';
import { proveUndoneContainers } from '../../../activities/undo/prove-undone-containers.ts';
import { stopForUndo } from '../../../activities/undo/stop-for-undo.ts';
import { undoContainers } from '../../../activities/undo/undo-containers.ts';
import type { RecoveryPlan } from '../../../contract/records.ts';
import { composeProject, moveTag } from '../support/compose-project.ts';
import { until } from '../support/containers.ts';
import { type TestSystems, testSystems } from '../support/systems.ts';
import { undoOf } from '../support/undo.ts';

let systems: TestSystems;
afterEach(() => systems.close());

/** Labels and name of a container, so that the one made again is taken away as well. */
async function idsOf(name: string): Promise<readonly string[]> {
  const listed = await systems.test.world.docker.list();
  return listed.filter((one) => one.name === name).map(({ id }) => id);
}

/** Images that were captured, and containers that were made again, go at the end. */
function cleanUp(name: string): void {
  systems.made.later(async () => {
    for (const id of await idsOf(name)) {
      const { Image } = await systems.made.engine.getContainer(id).inspect();
      await systems.made.engine.getContainer(id).remove({ force: true, v: true });
      await systems.made.engine
        .getImage(Image)
        .remove({ force: true })
        .catch(() => undefined);
    }
  });
}

describe('the undo of containers', () => {
  it('brings the same ones back: policy, networks with their names, running and paused; what was down stays down', async () => {
    systems = await testSystems();
    const { made, test } = systems;
    const network = await made.engine.createNetwork({ Name: `${made.tag}-net` });
    made.later(() => network.remove());
    const host = { RestartPolicy: { Name: 'unless-stopped' } };
    const running = await systems.service('experiment', { name: `${made.tag}-e`, host });
    await network.connect({ Container: running, EndpointConfig: { Aliases: ['memory'] } });
    const down = await systems.service('cache', { name: `${made.tag}-c`, started: false });
    const paused = await systems.byHand();
    await made.engine.getContainer(paused).pause();
    await systems.plan();
    const before = await Promise.all([running, down, paused].map((id) => test.world.docker.inspect(id)));
    const options = { security: true };
    await systems.run(containExperiment, { options });
    await systems.run(stopExperiment, { options });
    expect(await systems.stateOf(running)).toBe('exited');

    const undo = undoOf(test);
    await undo.open();
    const plan = await undo.plan();
    expect(plan.exceptions).toEqual([]);
    expect(plan.lines.join('\n')).toMatch(/connect, set-policy, start \(it was running\)/);
    await undo.run(stopForUndo);
    expect(await undo.run(undoContainers)).toMatchObject({ outcome: 'done' });

    const after = await Promise.all([running, down, paused].map((id) => test.world.docker.inspect(id)));
    const seen = (all: typeof before) =>
      all.map((one) => ({
        id: one?.id,
        state: one?.state,
        policy: one?.restartPolicy,
        networks: [...(one?.networkIds ?? [])].sort(),
      }));
    expect(seen(after)).toEqual(seen(before));
    const raw = await made.engine.getContainer(running).inspect();
    expect(raw.NetworkSettings.Networks[`${made.tag}-net`]?.Aliases).toContain('memory');
    expect(await undo.run(proveUndoneContainers)).toMatchObject({ wrong: [] });
    expect(await undo.run(undoContainers)).toMatchObject({ outcome: 'already-done' });
  });

  it('makes one that its stop deleted again, with its layer and its volume without a name, and says so', async () => {
    systems = await testSystems();
    const { made, test } = systems;
    const write =
      "const f=require('fs'); if (!f.existsSync('/data/x')) { f.writeFileSync('/data/x','in the volume'); f.writeFileSync('/layer','in the layer') } else console.log(f.readFileSync('/data/x','utf8'), f.readFileSync('/layer','utf8'))";
    const name = `${made.tag}-doomed`;
    cleanUp(name);
    const host = { AutoRemove: true, Mounts: [{ Type: 'volume' as const, Target: '/data', Source: '' }] };
    const id = await systems.service('experiment', { name, script: write, host });
    await until('the files', async () => JSON.stringify(await test.world.docker.changes(id)).includes('layer'));
    await systems.plan();
    await systems.run(containExperiment);
    await systems.run(captureDoomedContainers);
    await systems.run(stopExperiment);
    await until('its removal', async () => (await systems.stateOf(id)) === 'gone');

    const undo = undoOf(test);
    await undo.open();
    const plan = await undo.plan();
    expect(plan.exceptions.join()).toContain('under a new id');
    await undo.run(stopForUndo);
    await undo.run(undoContainers);

    const [again = ''] = await idsOf(name);
    expect(again).not.toBe(id);
    await until('what it finds', async () => {
      const logs = await made.engine.getContainer(again).logs({ stdout: true, stderr: true });
      return logs.toString().includes('in the volume in the layer');
    });
    expect(await undo.run(proveUndoneContainers)).toMatchObject({ wrong: [] });
    expect(await undo.run(undoContainers)).toMatchObject({ outcome: 'already-done' });
    expect(await idsOf(name)).toEqual([again]);
  });

  it('makes a stable container that was replaced again in place of the new one, which is kept whole before it goes', async () => {
    systems = await testSystems();
    const { test, made } = systems;
    const project = await composeProject(systems);
    await project.up();
    const good = await test.world.docker.inspect(await project.idOf('stable'));
    await moveTag(systems, project.image);
    await project.up();
    const bad = await test.world.docker.inspect(await project.idOf('stable'));
    if (good === undefined || bad === undefined) throw new Error('no stable container');
    const store = await test.world.docker.inspect(await project.idOf('store'));
    cleanUp(bad.name);
    await systems.plan();
    const room = await test.again({ key: 'dataRecovery.planRecovery' });
    const recreate = [{ service: 'stable', image: good.image, reason: 'it is on another image' }];
    const empty = {
      format: 1,
      at: new Date().toISOString(),
      roots: [],
      steps: [],
      discards: [],
      questions: [],
    } as const;
    const plan = { ...empty, conflicts: [], stopForData: [], recreate } as unknown as RecoveryPlan;
    const plans = { recovery: writeRecord(room, 'recovery', plan).hash };
    await systems.run(startStableOnPins, { plans });
    const replaced = await test.world.docker.inspect(await project.idOf('stable'));
    expect(replaced).toMatchObject({ image: good.image });

    const undo = undoOf(test);
    await undo.open();
    const planned = await undo.plan();
    expect(planned.lines.join()).toContain('recreate');
    await undo.run(stopForUndo);
    await undo.run(undoContainers);

    const now = await test.world.docker.inspect(await project.idOf('stable'));
    expect(now).toMatchObject({ name: bad.name, state: 'running', restartPolicy: bad.restartPolicy });
    expect([...(now?.networks ?? [])]).toEqual([...bad.networks]);
    const { Labels } = (await made.engine.getContainer(now?.id ?? '').inspect()).Config;
    expect(Labels).toMatchObject({ 'com.docker.compose.config-hash': bad.labels['com.docker.compose.config-hash'] });
    expect(await test.world.docker.inspect(store?.id ?? '')).toEqual(store);
    expect(await systems.stateOf(replaced?.id ?? '')).toBe('gone');
    const images = await made.engine.listImages({
      filters: { reference: [`durable-rollback/${test.target.environment}`] },
    });
    const kept = images
      .flatMap(({ RepoTags }) => RepoTags ?? [])
      .filter((tag) => tag.includes(test.room.input.rollbackId));
    made.later(async () => {
      for (const tag of kept)
        await made.engine
          .getImage(tag)
          .remove({ force: true })
          .catch(() => undefined);
    });
    expect(kept.some((tag) => tag.includes(replaced?.id.slice(0, 12) ?? '-'))).toBe(true);
    expect(await undo.run(proveUndoneContainers)).toMatchObject({ wrong: [] });
  });
});
