import { beforeAll, expect, it } from 'vitest';
import { quietRuntime } from '../../support/workflow-bundle.ts';
import { additions, type ReplayMutant, renames, swaps } from './mutants.ts';
import { caughtBy } from './replay-mutant.ts';

/** `npm run test:replay-mutants`: each two neighbours swapped, each activity renamed, a step added to each phase. */
const mutants = [...swaps, ...renames, ...additions];

/** What no history can show, each with the reason why that is no hole. */
const known: Readonly<Record<string, string>> = {};

beforeAll(quietRuntime);

it('no mutant of the workflows goes on with the recorded histories', async () => {
  const alive: ReplayMutant[] = [];
  for (const mutant of mutants) {
    const history = await caughtBy(mutant);
    const why = known[mutant.what] === undefined ? 'SURVIVES' : `survives, known: ${known[mutant.what]}`;
    tell(`${mutant.kind.padEnd(8)}  ${mutant.what.padEnd(64)}  ${history?.name ?? why}`);
    if (history === null) alive.push(mutant);
  }
  tell(`${mutants.length} mutants, ${mutants.length - alive.length} caught, ${alive.length} alive`);
  expect(alive.map(({ what }) => what).filter((what) => known[what] === undefined)).toEqual([]);
});

function tell(line: string): void {
  process.stdout.write(`${line}\n`);
}
