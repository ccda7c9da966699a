import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { compiledChildren } from '../../compiled.ts';
import { type Bench, makeBench } from '../bench.ts';
import { callGroups } from '../calls.ts';
import { frozenFaults } from '../frozen.ts';
import { swept } from '../operations.ts';
import { sweepOptions } from '../options.ts';
import { countsOf, freezePointsOf, pointsOf, sampleOf } from '../points.ts';
import { runPoints } from '../run-points.ts';

/** `npm run test:sweep`: every call of every operation, each with every fault. */
const options = sweepOptions(process.env);
const child = compiledChildren();
const folder = mkdtempSync(join(tmpdir(), 'vault-sweep-'));
const benches: Bench[] = [];

beforeAll(async () => {
  for (const operation of options.operation === null ? Object.keys(swept) : [options.operation]) {
    benches.push(await makeBench(join(folder, operation), operation, child('operate'), options.size));
  }
  console.log(tableOfCalls());
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('unbroken, every operation ends right and makes its effects durable in the right order', () => {
  expect(benches.flatMap(({ faults }) => faults)).toEqual([]);
});

test.skipIf(options.list)('nothing is lost at any call, and a resume ends as an unbroken run', async () => {
  const all = benches.flatMap(pointsOf);
  const points = options.count === null ? all : sampleOf(all, options.seed, options.count);
  expect(points.length).toBeGreaterThan(0);
  const faults = await runPoints(points, (done, found) => {
    for (const fault of found) console.log(`FOUND ${fault}`);
    if (done % 100 === 0) console.log(`${done} of ${points.length} points`);
  });
  expect(faults).toEqual([]);
});

test.skipIf(options.list)(
  'an attempt that was frozen at any call and wakes after its successor changes nothing',
  async () => {
    const all = benches.flatMap(freezePointsOf);
    const points = options.count === null ? all : sampleOf(all, options.seed, Math.ceil(options.count / 8));
    const faults: string[] = [];
    for (const [index, point] of points.entries()) {
      for (const fault of await frozenFaults(point)) {
        console.log(`FOUND ${fault}`);
        faults.push(fault);
      }
      if ((index + 1) % 100 === 0) console.log(`${index + 1} of ${points.length} frozen attempts`);
    }
    expect(faults).toEqual([]);
  },
);

/** Operation by group of calls: how many there are. */
function tableOfCalls(): string {
  const groups = Object.keys(callGroups) as (keyof typeof callGroups)[];
  const rows = benches.map((bench) => {
    const counts = countsOf(bench);
    const points = pointsOf(bench).length;
    return [bench.operation, ...groups.map((group) => String(counts.get(group) ?? 0)), String(points)];
  });
  return [['calls', ...groups, 'points'], ...rows]
    .map((row) => row.map((cell, index) => (index === 0 ? cell.padEnd(16) : cell.padStart(9))).join(''))
    .join('\n');
}
