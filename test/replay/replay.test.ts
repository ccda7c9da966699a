import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { historyFromJSON } from '@temporalio/common/lib/proto-utils.js';
import { Worker } from '@temporalio/worker';
import { beforeAll, expect, it } from 'vitest';
import { quietRuntime, workflowBundle } from '../support/workflow-bundle.ts';

/** Running rollbacks must be able to go on with this code: each recorded history still replays (design §3). */
const folder = fileURLToPath(new URL('./histories/', import.meta.url));
const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.json'))
  .map((name) => join(folder, name));

beforeAll(quietRuntime);

it('has histories of every workflow type that can be under way', () => {
  const counts: Record<string, number> = {};
  for (const file of files) {
    const type = /\.([a-zA-Z]+)(-\d+)?\.json$/.exec(file)?.[1] ?? file;
    counts[type] = (counts[type] ?? 0) + 1;
  }
  // A history that vanished would go unnoticed otherwise: an empty folder replays without a fault.
  expect(counts).toEqual(expected);
});

const expected = {
  rollback: 9,
  immediateResponse: 10,
  dataRecovery: 8,
  systemValidation: 5,
  documentation: 9,
  emergencyRollback: 2,
  checkpoint: 1,
  observe: 1,
};

it.each(files.map((file) => [relative(folder, file), file] as const))('replays %s', async (_name, file) => {
  const history = historyFromJSON(JSON.parse(readFileSync(file, 'utf8')));
  await Worker.runReplayHistory({ workflowBundle: await workflowBundle() }, history);
});
