import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { compileChildren, project } from '../../compiled.ts';
import { makeBench } from '../bench.ts';
import { frozenFaults } from '../frozen.ts';
import { freezePointsOf, pointsOf, sampleOf } from '../points.ts';
import { tryPoint } from '../try-point.ts';
import { twinFaults } from '../twin-faults.ts';
import { type Mutant, mutants } from './mutants.ts';

/** `npm run test:sweep-mutants`: each fault in a copy of the vault's sources must make the sweep fail. */
const seed = 1;
const mostPoints = 120;
const only = process.env['SWEEP_MUTANTS'] ?? '';
const chosen = mutants.filter(({ name }) => name.includes(only));

test('the sweep fails for every mutant, and says where', async () => {
  const rows: { readonly name: string; readonly caught: string | undefined }[] = [];
  expect(chosen.length).toBeGreaterThan(0);
  for (const mutant of chosen) {
    const caught = await whatCatches(mutant);
    rows.push({ name: mutant.name, caught });
    console.log(`${caught === undefined ? 'SURVIVES' : 'caught  '}  ${mutant.name}: ${caught?.slice(0, 160) ?? ''}`);
  }
  const alive = rows.filter(({ caught }) => caught === undefined).map(({ name }) => name);
  console.log(`${rows.length} mutants, ${rows.length - alive.length} caught, survivors: ${alive.join(', ') || 'none'}`);
  expect(alive).toEqual([]);
});

/** The first thing that the sweep finds wrong; undefined when it finds nothing. */
async function whatCatches(mutant: Mutant): Promise<string | undefined> {
  const folder = mkdtempSync(join(tmpdir(), 'vault-mutant-'));
  try {
    const child = compileChildren(folder, mutatedSources(join(folder, 'sources'), mutant));
    const bench = await makeBench(join(folder, 'bench'), mutant.operation, child('operate'), 0);
    // What is looked for at points must not show before, or the points would prove nothing.
    if (mutant.points === undefined && mutant.how === undefined) return bench.faults[0];
    expect(bench.faults, mutant.name).toEqual([]);
    if (mutant.how === 'twins') return twinFaults(bench, child('twins'), 1).faults[0];
    const points = (mutant.how === 'frozen' ? freezePointsOf(bench) : pointsOf(bench)).filter(
      (point) => mutant.points?.(point) !== false,
    );
    for (const point of sampleOf(points, seed, mostPoints)) {
      const [fault] = mutant.how === 'frozen' ? await frozenFaults(point) : await tryPoint(point);
      if (fault !== undefined) return fault;
    }
    return undefined;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function mutatedSources(folder: string, { file, from, to, name }: Mutant): string {
  mkdirSync(folder);
  for (const part of ['vault', 'test/vault/children', 'test/vault/sweep/places.ts', 'tsconfig.json', 'package.json']) {
    cpSync(join(project, part), join(folder, part), { recursive: true });
  }
  const source = readFileSync(join(project, file), 'utf8');
  const parts = source.split(from);
  if (parts.length !== 2) throw new Error(`"${name}" finds its place ${parts.length - 1} times in ${file}.`);
  writeFileSync(join(folder, file), parts.join(to));
  return folder;
}
