import { afterEach, beforeEach, expect, it } from 'vitest';
import { giveLimitsBack, limitExperiment } from '../../../activities/partial/limit-experiment.ts';
import { planPartial } from '../../../activities/partial/plan-partial.ts';
import type { StepInput } from '../../../contract/step.ts';
import { type TestSystems, testSystems } from '../support/systems.ts';
import { writeRequest } from './support.ts';

const MiB = 1024 ** 2;
const noNetwork = { NetworkMode: 'none' } as const;

let systems: TestSystems;

beforeEach(async () => {
  systems = await testSystems({
    target: { partial: { performance: { limits: { cpus: 0.5, memory: '256MiB' } } } },
  });
  writeRequest(systems.test, 'performance-only');
});

afterEach(() => systems.close());

async function hostConfig(id: string) {
  const { HostConfig } = await systems.made.engine.getContainer(id).inspect();
  const { NanoCpus, CpuQuota, CpuPeriod, Memory } = HostConfig;
  return { NanoCpus, CpuQuota, CpuPeriod, Memory };
}

/** Plans and limits; the plan's hash goes with the step, as in a workflow. */
async function limit(input: Partial<StepInput> = {}) {
  await systems.plan();
  const { hash } = await systems.run(planPartial, { key: 'partial.planPartial' });
  return systems.run(limitExperiment, { key: 'partial.limitExperiment', plans: { partial: hash }, ...input });
}

it('limits every container of the experiment in place, and nothing else', async () => {
  const plain = await systems.service('experiment', { host: noNetwork });
  const nano = await systems.service('cache', { host: { ...noNetwork, NanoCpus: 2e9, Memory: 512 * MiB } });
  const stable = await systems.service('stable', { host: noNetwork });
  const before = await hostConfig(stable);
  const started = await systems.made.engine.getContainer(plain).inspect();

  expect((await limit()).outcome).toBe('done');

  expect(await hostConfig(plain)).toMatchObject({ CpuQuota: 50_000, CpuPeriod: 100_000, Memory: 256 * MiB });
  expect(await hostConfig(nano)).toMatchObject({ NanoCpus: 5e8, Memory: 256 * MiB });
  expect(await hostConfig(stable)).toEqual(before);
  const after = await systems.made.engine.getContainer(plain).inspect();
  expect(after.State.StartedAt).toBe(started.State.StartedAt);
  expect(
    systems.test.room.journal
      .openObligations()
      .map(({ id }) => id)
      .sort(),
  ).toEqual([`limits:${plain}`, `limits:${nano}`].sort());
  expect((await limit({ schedule: 2 })).outcome).toBe('already-done');
});

it('gives back what each container had, and owes nothing any more', async () => {
  const plain = await systems.service('experiment', { host: noNetwork });
  const nano = await systems.service('cache', { host: { ...noNetwork, NanoCpus: 2e9, Memory: 512 * MiB } });
  await limit();
  const room = await systems.test.again({ key: 'closing.release' });
  expect([...(await giveLimitsBack(room))].sort()).toHaveLength(2);

  expect(await hostConfig(nano)).toMatchObject({ NanoCpus: 2e9, Memory: 512 * MiB });
  const { MemTotal } = (await systems.made.engine.info()) as { readonly MemTotal: number };
  expect(await hostConfig(plain)).toMatchObject({ CpuQuota: -1, Memory: MemTotal });
  expect(await systems.test.world.docker.limits(plain)).toMatchObject({ cpus: null, memoryBytes: null });
  expect(room.journal.openObligations()).toEqual([]);
});

it('refuses a partial rollback that the target describes nothing for, before it changes anything', async () => {
  const plain = await systems.service('experiment', { host: noNetwork });
  writeRequest(systems.test, 'api-issues');
  await systems.plan();
  await expect(systems.run(planPartial, { key: 'partial.planPartial' })).rejects.toThrow(
    /partial\.integration is missing/,
  );
  expect(await hostConfig(plain)).toMatchObject({ CpuQuota: 0, Memory: 0 });
});
