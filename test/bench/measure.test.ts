import { beforeAll, describe, expect, it } from 'vitest';
import type { Cost } from '../../bench/run-acts.ts';
import { ensureBuild } from '../../setup/build.mjs';

const mebibyte = 1024 * 1024;

/** As built: the acts run in a process of their own, with a heap of 64 MB. */
type Measure = typeof import('../../bench/measure.ts');
let measure: Measure;

beforeAll(async () => {
  await ensureBuild();
  measure = (await import(new URL('../../dist/bench/measure.js', import.meta.url).href)) as Measure;
}, 300_000);

function expectSmallResults({ acts }: Cost, count: number): void {
  expect(acts).toHaveLength(count);
  for (const { act, outcome, payloadBytes } of acts) {
    expect(outcome, act).toMatch(/done/);
    expect(payloadBytes, act).toBeLessThan(4_096);
  }
}

describe('what an act costs does not grow with the data', () => {
  it('a log of 50 MiB passes through to the evidence whole', async () => {
    const cost = await measure.measureLog(50);
    expectSmallResults(cost, 2);
    const { figures } = cost.acts[1] ?? {};
    expect(figures).toMatchObject({ containers: 1, cut: 0, withoutLog: 0 });
    expect(figures?.['bytes']).toBeGreaterThan(50 * mebibyte);
  });

  it('5,000 files are copied and verified', async () => {
    const cost = await measure.measureFiles(5_000);
    expectSmallResults(cost, 1);
    expect(cost.acts[0]?.figures).toMatchObject({ files: 5_000 });
  });

  it('25 containers are planned, contained, captured and stopped', async () => {
    const cost = await measure.measureContainers(25);
    expectSmallResults(cost, 5);
    expect(cost.acts[1]).toMatchObject({ act: 'containExperiment', figures: { containers: 25, paused: 10 } });
    expect(cost.acts[2]).toMatchObject({ figures: { containers: 25 } });
  });
});
