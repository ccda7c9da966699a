import { randomUUID } from 'node:crypto';
import { Client, Connection } from '@temporalio/client';
import { MockActivityEnvironment } from '@temporalio/testing';
import { NativeConnection, Worker } from '@temporalio/worker';
import { beforeAll, expect, inject, it } from 'vitest';
import { allActivities } from '../../activities/index.ts';
import type { RollbackActivities } from '../../contract/activities.ts';
import { makeRollbackId, rollbackWorkflowId, workflowTypes } from '../../contract/ids.ts';
import type { Judged, RollbackResult } from '../../contract/rollback.ts';
import type { StepInput } from '../../contract/step.ts';
import { unless } from '../../lab/docker.ts';
import type { Lab } from '../../lab/lab.ts';
import { loadTarget } from '../../target/load.ts';
import { realWorld } from '../../workers/real-world.ts';
import { requestOf } from '../support/rollback-run.ts';
import { scriptedActs } from '../support/scripted-acts.ts';
import { quietRuntime, workflowBundle } from '../support/workflow-bundle.ts';
import { expectRestored } from './support/expect-restored.ts';
import { type Practice, withPractice } from './support/practice.ts';

/** What happens to the world between the last check and the verdict, and the item that must see it. */
const spoilers = [
  ['somebody starts the experiment', 'experiment-out', 'unknown', 'not-proven'],
  ['stable-stopped', 'stable-running', 'fail', 'failed'],
  ['bad-image', 'stable-images', 'fail', 'failed'],
  ['wrong-answers', 'basic-queries', 'fail', 'failed'],
] as const;

beforeAll(quietRuntime);

it('reads the verdict from the world of that moment', async () => {
  await withPractice({}, async (practice) => {
    const { lab } = practice;
    await lab.breakIt('half-migration');
    const ended = await practice.rollback(
      'start',
      ...['--scenario', 'data-corruption', '--reason', 'half a migration', '--yes'],
    );
    expectRestored(practice, ended);

    for (const [fault, item, status, verdict] of spoilers) {
      await spoil(lab, fault);
      const judged = await judgeNow(practice);
      expect([fault, judged.verdict], judged.reasons.join('\n')).toEqual([fault, verdict]);
      const seen = judged.items.find(({ id }) => id === item);
      expect([fault, seen?.status], seen?.measured).toEqual([fault, status]);
      await mend(lab, fault);
    }
  });
}, 400_000);

it('is not restored when every act only says that it was done', async () => {
  await withPractice({}, async ({ lab, environment }) => {
    await lab.breakIt('corrupt-path');
    const real = allActivities(realWorld(lab.stateDir, 'test server', { ...process.env, ...lab.env }));
    const { openRollback, planContainment, judgeWorld, closeRollback } = real;
    const pretended = scriptedActs().activities;
    const activities: RollbackActivities = { ...pretended, openRollback, planContainment, judgeWorld, closeRollback };
    const { target, hash: targetHash } = await loadTarget(lab.targetFile);
    const result = await runRollback(activities, {
      ...requestOf({ environment, scenario: 'data-corruption' }),
      rollbackId: makeRollbackId(environment, Date.now(), 'mock'),
      target,
      targetHash,
    });
    expect(result.verdict).toBe('failed');
    expect(result.reasons.join('\n')).toMatch(/experiment/i);
    const { experiment } = await lab.containers();
    expect(experiment?.state).toBe('running');
  });
}, 300_000);

/** The judgement alone, by the very act that a worker runs, over the finished rollback of this practice. */
async function judgeNow(practice: Practice): Promise<Judged> {
  const { lab, environment } = practice;
  const files = practice.files();
  const last = practice.journal().at(-1);
  const { hash: targetHash } = await loadTarget(lab.targetFile);
  const input: StepInput = {
    environment,
    rollbackId: files.rollbackId,
    epoch: last?.epoch ?? 0,
    key: `judgement.judgeWorld:${randomUUID()}`,
    schedule: 1,
    targetHash,
    plans: {},
    mode: 'full',
    options: {},
  };
  const { judgeWorld } = allActivities(realWorld(lab.stateDir, 'test server', { ...process.env, ...lab.env }));
  return new MockActivityEnvironment().run(judgeWorld, input);
}

type Spoiler = (typeof spoilers)[number][0];

async function spoil(lab: Lab, what: Spoiler): Promise<void> {
  if (what !== 'somebody starts the experiment') return lab.breakIt(what);
  const { cache } = await lab.containers();
  await lab.docker.getContainer(cache?.id ?? 'none').start();
}

async function mend(lab: Lab, what: Spoiler): Promise<void> {
  const { stable, cache } = await lab.containers();
  const at = (one: { readonly id: string } | undefined) => lab.docker.getContainer(one?.id ?? 'none');
  if (what === 'somebody starts the experiment') await unless([304], at(cache).stop({ t: 2 }));
  if (what === 'stable-stopped') await at(stable).start();
}

async function runRollback(
  activities: RollbackActivities,
  request: Parameters<typeof requestOf>[0],
): Promise<RollbackResult> {
  const address = inject('temporalAddress');
  const native = await NativeConnection.connect({ address });
  const connection = await Connection.connect({ address });
  const taskQueue = `test-${randomUUID()}`;
  try {
    const worker = await Worker.create({
      connection: native,
      taskQueue,
      workflowBundle: await workflowBundle(),
      activities,
    });
    return await worker.runUntil(
      new Client({ connection }).workflow.execute(workflowTypes.rollback, {
        workflowId: rollbackWorkflowId(`${request.environment}-${randomUUID().slice(0, 8)}`),
        taskQueue,
        args: [request],
      }) as Promise<RollbackResult>,
    );
  } finally {
    await native.close();
    await connection.close();
  }
}
