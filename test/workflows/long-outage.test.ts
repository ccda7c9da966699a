import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { Client, Connection } from '@temporalio/client';
import { NativeConnection, Worker } from '@temporalio/worker';
import { afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import type { Board } from '../../contract/board.ts';
import { boardKey } from '../../contract/board.ts';
import { rollbackWorkflowId, workflowTypes } from '../../contract/ids.ts';
import type { ServerInfo } from '../../contract/processes.ts';
import type { RollbackResult } from '../../contract/rollback.ts';
import { rowOf } from '../../runbook/steps.ts';
import { awayMs, timeoutsOf } from '../../runbook/timeouts.ts';
import { ensureServer, stopServer } from '../../workers/embedded-server.ts';
import { requestOf, targetStub } from '../support/rollback-run.ts';
import { gate, scriptedActs } from '../support/scripted-acts.ts';
import { quietRuntime, workflowBundle } from '../support/workflow-bundle.ts';

/**
 * The server is dead for longer than the longest time of the step at work, and past both marks of the time target. A
 * restart at once would not show it (facts).
 */
let stateRoot: string;
let server: ServerInfo;
// Long enough for a busy machine to get to the step before the marks, and through a row within its time.
const timeScale = 0.2;
const targetAfterMs = 30_000;
const maximumAfterMs = 32_000;
const backAfterMs = maximumAfterMs + awayMs + 2_000;

beforeAll(quietRuntime);

beforeEach(async () => {
  stateRoot = mkdtempSync(join(tmpdir(), 'long-outage-'));
  server = (await ensureServer(stateRoot)).info;
});

afterEach(async () => {
  await stopServer(stateRoot);
  rmSync(stateRoot, { recursive: true, force: true });
});

it('takes the end of a timeout for no verdict: the step runs again, and one notice tells the highest mark', async () => {
  const { scheduleToCloseMs } = timeoutsOf(rowOf('captureContainerState'), 'full', timeScale);
  const acts = scriptedActs();
  const hung = gate();
  acts.script('captureContainerState', hung.answer, {});
  const native = await NativeConnection.connect({ address: server.address });
  const connection = await Connection.connect({ address: server.address });
  const taskQueue = `test-${randomUUID()}`;
  const { namespace } = server;
  try {
    const activities = acts.activities;
    const worker = await Worker.create({
      connection: native,
      namespace,
      taskQueue,
      workflowBundle: await workflowBundle(),
      activities,
    });
    await worker.runUntil(async () => {
      const started = Date.now();
      const mark = { targetMs: targetAfterMs / timeScale, maximumMs: maximumAfterMs / timeScale };
      const target = { ...targetStub, timeTargets: { ...targetStub.timeTargets, 'service-disruption': mark } };
      const environment = `e-${randomUUID().slice(0, 8)}`;
      const handle = await new Client({ connection, namespace }).workflow.start(workflowTypes.rollback, {
        workflowId: rollbackWorkflowId(environment),
        taskQueue,
        args: [requestOf({ environment, timeScale, target, clockFrom: new Date(started).toISOString() })],
      });
      await hung.reached;
      process.kill(server.pid, 'SIGKILL');
      const died = Date.now();
      // The outage itself: nothing can be asked while there is no server.
      await wait(Math.max(started + backAfterMs, died + scheduleToCloseMs + 5_000) - Date.now());
      expect((await ensureServer(stateRoot)).action).toBe('started');

      // Asked anew: whoever looks after an outage has no connection from before it.
      const { result, board } = await askAnew(handle.workflowId);
      expect(result.verdict).toBe('restored');
      const tries = acts.calls.filter(({ key }) => key === 'immediateResponse.captureContainerState');
      expect(tries.length).toBeGreaterThan(1);
      expect(tries.at(-1)?.schedule).toBeGreaterThan(tries[0]?.schedule ?? Number.POSITIVE_INFINITY);
      const told = board.notices.map(({ text }) => text).filter((text) => /^The .* has passed/.test(text));
      expect(told).toHaveLength(1);
      expect(told[0]).toContain('The maximum time has passed');
      expect(told[0]).toMatch(/\(noticed .+ late: nothing ran in between\)/);
    });
  } finally {
    await native.close();
    await connection.close();
  }
}, 240_000);

/** Over a connection that did not exist before the outage, to the server as it is now. */
async function askAnew(workflowId: string): Promise<{ readonly result: RollbackResult; readonly board: Board }> {
  const { address, namespace } = (await ensureServer(stateRoot)).info;
  const connection = await Connection.connect({ address });
  try {
    const handle = new Client({ connection, namespace }).workflow.getHandle(workflowId);
    const result = (await handle.result()) as RollbackResult;
    const { memo } = await handle.describe();
    return { result, board: memo?.[boardKey] as Board };
  } finally {
    await connection.close();
  }
}
