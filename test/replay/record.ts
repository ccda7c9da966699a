import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { WorkflowHandle } from '@temporalio/client';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import { beforeAll, expect, it } from 'vitest';
import { workflowTypes } from '../../contract/ids.ts';
import { checkpointSteps } from '../../runbook/checkpoint-steps.ts';
import type { RollbackRun } from '../support/rollback-run.ts';
import { requestOf, targetStub, withClosedWorkflow, withRollback } from '../support/rollback-run.ts';
import { scriptedActs } from '../support/scripted-acts.ts';
import { undoActs, undoRequest } from '../support/undo-acts.ts';
import { upkeepActs, upkeepRequest, upkeepTasks } from '../support/upkeep-acts.ts';
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

it('records a checkpoint', async () => {
  const done = async () => ({ outcome: 'done', reason: 'scripted', epoch: 1, resumed: false, rollbackDir: '/nowhere' });
  const acts = Object.fromEntries(Object.keys(checkpointSteps).map((step) => [step, done]));
  const { targetHash, by } = requestOf({});
  const target = { ...targetStub, data: [{ name: 'agent' }, { name: 'store' }] };
  const request = { environment: 'practice', checkpointId: 'c1', by, why: 'test', target, targetHash, timeScale: 1 };
  await withClosedWorkflow(acts, { type: workflowTypes.checkpoint, args: [request] }, (handle) =>
    keepOne(handle, 'made.checkpoint'),
  );
});

it('records a prune', async () => {
  const acts = { pruneCheckpoints: async () => ({ pruned: [], kept: [] }), releasePrune: async () => undefined };
  const { targetHash, by } = requestOf({});
  const common = { environment: 'practice', pruneId: 'prune-1', by, why: 'test', target: targetStub, targetHash };
  const request = { ...common, keep: 3, ids: ['c1'] };
  await withClosedWorkflow(acts, { type: workflowTypes.prune, args: [request] }, (handle) =>
    keepOne(handle, 'made.prune'),
  );
});

it('records an observation', async () => {
  const acts = { observeHost: async () => ({ kind: 'doctor', at: '2026-01-01T00:00:00.000Z', findings: [] }) };
  const request = { kind: 'doctor', environment: 'practice', target: targetStub };
  await withClosedWorkflow(acts, { type: workflowTypes.observe, args: [request] }, (handle) =>
    keepOne(handle, 'made.observe'),
  );
});

it('records a notice', async () => {
  const notice = {
    key: 'r1/1/verdict',
    event: 'verdict',
    urgency: 'warning',
    title: 'Verdict',
    text: 'restored',
    at: '2026-01-01T00:00:00.000Z',
    environment: 'practice',
    rollbackId: 'r1',
    scenario: 'emergency',
  };
  const args = [{ notice, channels: ['chat', 'mail'], targetHash: 'target-hash' }];
  await withClosedWorkflow({ sendNotice: async () => ({}) }, { type: workflowTypes.notice, args }, (handle) =>
    keepOne(handle, 'told.notice'),
  );
});

it('records a ladder that nobody answers', async () => {
  const rung = (level: number) => ({
    level,
    name: `L${level}`,
    notify: ['pager'],
    acknowledgeMs: 10,
    repeats: 1,
    businessHours: null,
  });
  const { rollbackId, environment, scenario, reason, targetHash } = requestOf({});
  const subject = { rollbackId, environment, scenario, reason, targetHash, timeScale: 1 };
  const args = [{ ...subject, rungs: [rung(1), rung(2)], cause: 'target-passed' }];
  await withClosedWorkflow({ sendNotice: async () => ({}) }, { type: workflowTypes.escalation, args }, (handle) =>
    keepOne(handle, 'unanswered.escalation'),
  );
});

it.each([
  ['made', undoRequest()],
  ['asked', { ...undoRequest(), yes: false }],
])('records an undo that is %s', async (name, request) => {
  const { activities } = undoActs();
  await withClosedWorkflow(activities, { type: workflowTypes.undo, args: [request] }, (handle) =>
    keepOne(handle, `${name}.undo`),
  );
});

it.each([
  ['recover', upkeepRequest(upkeepTasks.recover)],
  ['commit', upkeepRequest(upkeepTasks.commit)],
  ['prune', upkeepRequest(upkeepTasks.prune)],
  ['prune-asked', upkeepRequest(upkeepTasks.prune, { yes: false })],
])('records the upkeep %s', async (name, request) => {
  const { activities } = upkeepActs();
  await withClosedWorkflow(activities, { type: workflowTypes.upkeep, args: [request] }, (handle) =>
    keepOne(handle, `${name}.upkeep`),
  );
});

async function keepOne(handle: WorkflowHandle, name: string): Promise<void> {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, `${name}.json`), `${historyToJSON(await handle.fetchHistory())}\n`);
}

async function keep(run: RollbackRun, name: string): Promise<number> {
  const { children } = await run.board();
  const handles = [run.handle, ...children.map((id) => run.handle.client.getHandle(id))];
  for (const handle of handles) {
    const { type } = await handle.describe();
    const n = handle === run.handle ? '' : `-${handle.workflowId.split('/').at(-1)}`;
    await keepOne(handle, `${name}.${type}${n}`);
  }
  return handles.length;
}
