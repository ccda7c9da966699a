import { Worker } from '@temporalio/worker';
import { beforeAll, expect, it } from 'vitest';
import { quietRuntime } from '../support/workflow-bundle.ts';
import { recordedHistories } from './histories.ts';
import { changedBundle } from './mutants/changed-bundle.ts';
import { additions, renames, swaps } from './mutants/mutants.ts';
import { caughtBy } from './mutants/replay-mutant.ts';

/** The replay test is worth what it refuses: one of each kind here, all of them by `npm run test:replay-mutants`. */
beforeAll(quietRuntime);

it('a copy of the sources without a change replays', async () => {
  const workflowBundle = await changedBundle();
  const [history] = recordedHistories().filter(({ type }) => type === 'immediateResponse');
  await Worker.runReplayHistory({ workflowBundle }, history?.read());
});

it.each([
  ['two steps in the other order', swaps, /containExperiment and captureLiveLogs of immediateResponse/],
  ['an activity under another name', renames, /^planRecovery$/],
  ['one step more', additions, /beginning of documentation/],
] as const)('%s cannot go on with a recorded history', async (_, mutants, what) => {
  const mutant = mutants.find((each) => what.test(each.what));
  if (mutant === undefined) throw new Error(`There is no mutant ${what}`);
  expect((await caughtBy(mutant))?.name).toBeDefined();
});
