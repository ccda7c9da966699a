import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import { beforeAll, expect, it } from 'vitest';
import type { RollbackRun } from '../support/rollback-run.ts';
import { withRollback } from '../support/rollback-run.ts';
import { scriptedActs } from '../support/scripted-acts.ts';
import { quietRuntime } from '../support/workflow-bundle.ts';
import { scenes } from './scenes.ts';

/**
 * Records the histories that the replay test replays. Run by hand after a change that is meant to make new histories:
 *   npx vitest run --config test/replay/vitest.record.ts
 * Histories of released versions stay; those of the version in package.json are written anew.
 */
const version = process.env['npm_package_version'] ?? '0.1.0';
const folder = fileURLToPath(new URL(`./histories/${version}/`, import.meta.url));

beforeAll(quietRuntime);

for (const scene of scenes) {
  it(`records ${scene.name}`, async () => {
    const acts = scriptedActs();
    const play = scene.play(acts);
    const files = await withRollback(acts, { environment: `replay-${scene.name}`, ...scene.request }, async (run) => {
      await play(run);
      return keep(run, scene.name);
    });
    expect(files).toBeGreaterThan(1);
  });
}

async function keep(run: RollbackRun, name: string): Promise<number> {
  mkdirSync(folder, { recursive: true });
  const { children } = await run.board();
  const handles = [run.handle, ...children.map((id) => run.handle.client.getHandle(id))];
  for (const handle of handles) {
    const { type } = await handle.describe();
    const history = await handle.fetchHistory();
    const n = handle === run.handle ? '' : `-${handle.workflowId.split('/').at(-1)}`;
    writeFileSync(join(folder, `${name}.${type}${n}.json`), `${historyToJSON(history)}\n`);
  }
  return handles.length;
}
