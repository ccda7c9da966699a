import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { type Bench, stateFaults } from './bench.ts';
import { sameAs } from './operations.ts';
import { placesIn } from './places.ts';

interface Twins {
  readonly k: number;
  readonly world: string;
  readonly first: string;
  /** Fence checks that the first passed after the take-over. */
  readonly effectsAfter: number;
  readonly second?: string;
}

/**
 * An attempt and its successor in one process (`children/twins.ts`): from the moment of the take-over the first makes
 * no further effect, and the successor ends as an unbroken run.
 * @param every 1: at every effect; 3: at every third
 */
export function twinFaults(bench: Bench, program: string, every: number): { faults: string[]; tried: number } {
  const { operation, template } = bench;
  const order = { operation, template, folder: join(bench.folder, 'twins'), every };
  const run = spawnSync(process.execPath, [program, JSON.stringify(order)], { encoding: 'utf8', timeout: 300_000 });
  if (run.status !== 0) return { faults: [`the twins ended with ${run.status}: ${run.stderr}`], tried: 0 };
  const all = run.stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Twins);
  const faults = all.flatMap((twins) => faultsOf(bench, twins));
  for (const { world } of all) rmSync(world, { recursive: true, force: true });
  return { faults, tried: all.filter(({ second }) => second !== undefined).length };
}

function faultsOf(bench: Bench, { k, world, first, effectsAfter, second }: Twins): string[] {
  const places = placesIn(world);
  const expected = second === undefined ? 'done' : 'stale';
  return [
    ...(first === expected ? [] : [`the first ended ${first}, not ${expected}`]),
    ...(effectsAfter === 0 ? [] : [`the first went on to ${effectsAfter} more effect(s)`]),
    ...(second === undefined || ['done', bench.swept.again].includes(second) ? [] : [`the successor ended ${second}`]),
    ...stateFaults(bench, places, 'at the end'),
    ...sameAs('the end', bench.end, bench.swept.end(places)),
  ].map((text) => `${bench.operation}, taken over at effect ${k}: ${text}`);
}
