import { Worker } from '@temporalio/worker';
import { beforeAll, expect, it } from 'vitest';
import { quietRuntime, workflowBundle } from '../support/workflow-bundle.ts';
import { recordedHistories } from './histories.ts';

/** Running rollbacks must be able to go on with this code: each recorded history still replays (design §3). */
const histories = recordedHistories();

beforeAll(quietRuntime);

it('has histories of every workflow type that can be under way', () => {
  const counts: Record<string, number> = {};
  for (const { type } of histories) counts[type] = (counts[type] ?? 0) + 1;
  // A history that vanished would go unnoticed otherwise: an empty folder replays without a fault.
  expect(counts).toEqual(expected);
});

const expected = {
  rollback: 15,
  immediateResponse: 14,
  dataRecovery: 11,
  systemValidation: 8,
  documentation: 15,
  partialRollback: 7,
  emergencyRollback: 2,
  checkpoint: 1,
  observe: 1,
  notice: 1,
  escalation: 1,
  prune: 1,
  undo: 2,
  upkeep: 4,
};

it.each(histories.map((history) => [history.name, history] as const))('replays %s', async (_name, history) => {
  await Worker.runReplayHistory({ workflowBundle: await workflowBundle() }, history.read());
});
