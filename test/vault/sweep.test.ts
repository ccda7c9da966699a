import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { compiledChildren } from './compiled.ts';
import { type Bench, makeBench } from './sweep/bench.ts';
import { frozenFaults } from './sweep/frozen.ts';
import { swept } from './sweep/operations.ts';
import { freezePointsOf, pointsOf, sampleOf } from './sweep/points.ts';
import { runPoints } from './sweep/run-points.ts';
import { twinFaults } from './sweep/twin-faults.ts';

const child = compiledChildren();
/** Always the same points, so that a red run can be had again; `npm run test:sweep` tries them all. */
const seed = 20260101;
const count = 32;
/** Some hundred processes, each under strace: this ends a hang, it measures nothing. */
const patienceMs = 600_000;

const folder = mkdtempSync(join(tmpdir(), 'vault-sweep-'));
const benches: Bench[] = [];

beforeAll(async () => {
  for (const operation of Object.keys(swept)) {
    benches.push(await makeBench(join(folder, operation), operation, child('operate'), 0));
  }
}, patienceMs);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('unbroken, every operation ends right and makes its effects durable in the right order', () => {
  expect(benches.flatMap(({ operation, faults }) => faults.map((fault) => `${operation}: ${fault}`))).toEqual([]);
  expect(benches.filter(({ calls }) => calls.length < 5)).toEqual([]);
});

test(
  'killed at a call, or with a call that fails, nothing is lost and a resume ends as an unbroken run',
  async () => {
    const sample = sampleOf(benches.flatMap(pointsOf), seed, count);
    expect(sample.length).toBe(count);
    expect(new Set(sample.map(({ bench }) => bench.operation)).size).toBe(benches.length);
    expect(await runPoints(sample)).toEqual([]);
  },
  patienceMs,
);

test(
  'an attempt that was frozen and wakes after its successor has finished changes nothing',
  async () => {
    const restores = benches.filter(({ swept: { restores } }) => restores);
    const sample = sampleOf(restores.flatMap(freezePointsOf), seed, 4);
    expect(sample.length).toBe(4);
    const faults: string[] = [];
    for (const point of sample) faults.push(...(await frozenFaults(point)));
    expect(faults).toEqual([]);
  },
  patienceMs,
);

test(
  'a twin in the same process makes no further effect from the moment that its successor has taken over',
  () => {
    const bench = benches.find(({ operation }) => operation === 'restore-whole');
    const twins = bench && twinFaults(bench, child('twins'), 5);
    expect(twins?.faults).toEqual([]);
    expect(twins?.tried).toBeGreaterThan(5);
  },
  patienceMs,
);
