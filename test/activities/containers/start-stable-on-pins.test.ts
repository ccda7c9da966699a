import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startStable } from '../../../activities/containers/start-stable.ts';
import { startStableOnPins } from '../../../activities/containers/start-stable-on-pins.ts';
import { stopDataUsers } from '../../../activities/containers/stop-data-users.ts';
import type { WholeContainer } from '../../../activities/evidence/capture-whole.ts';
import { writeRecord } from '../../../activities/kernel/records.ts';
import type { RecoveryPlan } from '../../../contract/records.ts';
import { type ComposeProject, composeProject, moveTag } from '../support/compose-project.ts';
import { type TestSystems, testSystems } from '../support/systems.ts';

let systems: TestSystems;
let project: ComposeProject;
let plans: { readonly recovery: string };

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

async function planned(plan: Partial<RecoveryPlan>): Promise<void> {
  const room = await systems.test.again({ key: 'dataRecovery.planRecovery' });
  const empty = {
    format: 1,
    at: new Date().toISOString(),
    checkpoint: { id: null, ref: 'known-good', commit: '', tree: '' },
    roots: [],
    steps: [],
    discards: [],
    questions: [],
    conflicts: [],
    stopForData: [],
    recreate: [],
    git: { returnTo: null, branch: null, reason: '' },
  } as const;
  // Whole as its consumers read it; fields that others add to the plan are none of these acts' business.
  plans = { recovery: writeRecord(room, 'recovery', { ...empty, ...plan } as RecoveryPlan).hash };
}

function openObligations() {
  return systems.test.room.journal.openObligations().map(({ id }) => id);
}

describe('what uses the data', () => {
  it('is stopped, cannot restart, and is owed its start and its policy until it runs again', async () => {
    const [stable, store] = [await factsOf('stable'), await factsOf('store')];
    await planned({ stopForData: [store.id] });

    expect(await systems.run(stopDataUsers, { plans })).toMatchObject({ outcome: 'done', figures: { stopped: 1 } });
    expect(await factsOf('store')).toMatchObject({ id: store.id, state: 'exited', restartPolicy: { name: 'no' } });
    expect(await factsOf('stable')).toEqual(stable);
    expect(openObligations()).toEqual(['stable-serves', `restart-policy:${store.id}`]);
    expect(await systems.run(stopDataUsers, { plans })).toMatchObject({ outcome: 'already-done' });

    expect(await systems.run(startStableOnPins, { plans })).toMatchObject({ outcome: 'done', figures: { started: 1 } });
    const policy = { name: 'unless-stopped' };
    expect(await factsOf('store')).toMatchObject({ id: store.id, state: 'running', restartPolicy: policy });
    expect(await factsOf('stable')).toEqual(stable);
    expect(openObligations()).toEqual([]);
    expect(await systems.run(startStableOnPins, { plans })).toMatchObject({ outcome: 'already-done' });
  });

  it('gets all back by the last attempt to serve, too', async () => {
    const store = await factsOf('store');
    await planned({ stopForData: [store.id] });
    await systems.run(stopDataUsers, { plans });
    await systems.run(startStable);
    expect(await factsOf('store')).toMatchObject({ state: 'running', restartPolicy: { name: 'unless-stopped' } });
    expect(openObligations()).toEqual([]);
  });

  it('gets its policy back although another one of them refuses, which stays owed and is named', async () => {
    const [stable, store] = [await factsOf('stable'), await factsOf('store')];
    await planned({ stopForData: [stable.id, store.id] });
    await systems.run(stopDataUsers, { plans });
    const [first] = openObligations().filter((id) => id.startsWith('restart-policy:'));
    const refusing = first === `restart-policy:${stable.id}` ? stable : store;
    const room = await systems.test.again({ key: 'judgement.startStable' });
    const { docker } = room.world;
    const setRestartPolicy: typeof docker.setRestartPolicy = (id, policy) =>
      id === refusing.id ? Promise.reject(new Error('no room')) : docker.setRestartPolicy(id, policy);

    const world = { ...room.world, docker: { ...docker, setRestartPolicy } };
    await expect(startStable({ ...room, world })).rejects.toThrow(refusing.name);

    expect(openObligations().filter((id) => id.startsWith('restart-policy:'))).toEqual([first]);
    expect([(await factsOf('stable')).state, (await factsOf('store')).state]).toEqual(['running', 'running']);
  });

  it('is refused when the plan names a container of somebody else', async () => {
    const { id } = await systems.made.make();
    await planned({ stopForData: [id] });
    await expect(systems.run(stopDataUsers, { plans })).rejects.toMatchObject({ kind: 'refused' });
    expect(await systems.stateOf(id)).toBe('running');
  });
});

describe('a container on a wrong image', () => {
  it('is kept whole and replaced on the pinned image, though the tag has moved', async () => {
    const good = await factsOf('stable');
    const bad = await moveTag(systems, project.image);
    await project.up();
    const [wrong, store] = [await factsOf('stable'), await factsOf('store')];
    expect(wrong.image).toBe(bad);
    const recreate = [{ service: 'stable', image: good.image, reason: 'it is on another image' }];
    await planned({ recreate });

    const result = await systems.run(startStableOnPins, { plans });

    expect(result).toMatchObject({ outcome: 'done', figures: { recreated: 1 } });
    expect(await factsOf('stable')).toMatchObject({ state: 'running', image: good.image });
    expect(await factsOf('store')).toEqual(store);
    const whole = keptWhole(wrong);
    systems.made.later(() => systems.made.engine.getImage(whole.image.reference).remove());
    expect(await systems.test.world.docker.imageId(whole.image.reference)).toBe(whole.image.id);
    expect(readFileSync(whole.log ?? '', 'utf8')).toContain('bye');
    const now = await factsOf('stable');
    expect(await systems.run(startStableOnPins, { plans })).toMatchObject({ outcome: 'already-done' });
    expect(await factsOf('stable')).toEqual(now);
    expect(openObligations()).toEqual([]);
  });

  it('is replaced as well when it is of another configuration than the file has by now', async () => {
    project.write({ MODE: 'experimental' });
    await project.up();
    const drifted = await factsOf('stable');
    const store = await factsOf('store');
    project.write();
    await planned({ recreate: [{ service: 'stable', image: drifted.image, reason: 'another configuration' }] });

    expect(await systems.run(startStableOnPins, { plans })).toMatchObject({ figures: { recreated: 1 } });

    const whole = keptWhole(drifted);
    systems.made.later(() => systems.made.engine.getImage(whole.image.reference).remove());
    expect(JSON.stringify(whole.inspect)).toContain('MODE=experimental');
    const now = await systems.test.world.docker.inspectRaw(await project.idOf('stable'));
    expect(JSON.stringify(now)).not.toContain('MODE=experimental');
    expect(await factsOf('store')).toEqual(store);
    // Nothing of ours is in its configuration: the user's next `up` leaves it alone.
    await project.up();
    expect(await systems.test.world.docker.inspectRaw(await project.idOf('stable'))).toEqual(now);
  });

  it('stays as it is when the pinned image is not on this engine', async () => {
    const before = await factsOf('stable');
    await planned({ recreate: [{ service: 'stable', image: `sha256:${'0'.repeat(64)}`, reason: 'wrong image' }] });
    await expect(systems.run(startStableOnPins, { plans })).rejects.toMatchObject({ kind: 'refused' });
    expect(await factsOf('stable')).toEqual(before);
  });
});

function keptWhole({ id, name }: { readonly id: string; readonly name: string }): WholeContainer {
  const { evidenceDir } = systems.test.room.rollback;
  return JSON.parse(readFileSync(`${evidenceDir}/replaced/${name}-${id.slice(0, 12)}.json`, 'utf8')) as WholeContainer;
}
