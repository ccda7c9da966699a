import { Context } from '@temporalio/activity';
import { beforeAll, expect, it } from 'vitest';
import { workerStopped } from '../../contract/ids.ts';
import { schedulesOfRow } from '../../runbook/timeouts.ts';
import { withRollback } from '../support/rollback-run.ts';
import { type Answer, fails, scriptedActs } from '../support/scripted-acts.ts';
import { quietRuntime } from '../support/workflow-bundle.ts';

beforeAll(quietRuntime);

/** In an emergency the judgement has one attempt: each death of its worker ends a schedule. */
const emergency = { scenario: 'emergency' } as const;
const step = 'judgeWorld';

/** As under a worker that was killed: not a sign of life, and no answer before the server has given it up. */
const falls: Answer = () => Context.current().cancelled;

it.concurrent('reaches its verdict although the act fell silent more often than its own time may run out', async () => {
  const acts = scriptedActs();
  const silences = schedulesOfRow.afterOwnTime + 1;
  acts.script(step, ...Array.from({ length: silences }, () => falls), {});
  // The heartbeat is then far shorter than the time of the row.
  const { verdict } = await withRollback(acts, { ...emergency, timeScale: 0.1 }, (run) => run.result());
  expect(verdict).toBe('restored');
  expectEachNewer(acts.calls.filter(({ key }) => key === `judgement.${step}`).map(({ schedule }) => schedule));
  expect(acts.keys().filter((key) => key === `judgement.${step}`)).toHaveLength(silences + 1);
});

it.concurrent('reaches its verdict when the worker is replaced under the same step again and again', async () => {
  const acts = scriptedActs();
  const stopped = fails(workerStopped, 'the worker was asked to stop');
  acts.script(step, ...Array.from({ length: schedulesOfRow.inAll - 1 }, () => stopped), {});
  const { verdict } = await withRollback(acts, emergency, (run) => run.result());
  expect(verdict).toBe('restored');
  expectEachNewer(acts.calls.filter(({ key }) => key === `judgement.${step}`).map(({ schedule }) => schedule));
});

it.concurrent('comes to an end when every worker goes away under a step, and takes that for no verdict', async () => {
  const acts = scriptedActs();
  acts.script(step, fails(workerStopped, 'the worker was asked to stop'));
  const { verdict, reasons } = await withRollback(acts, emergency, (run) => run.result());
  expect(acts.keys().filter((key) => key === `judgement.${step}`)).toHaveLength(schedulesOfRow.inAll);
  expect(verdict).toBe('not-proven');
  expect(reasons.join()).toContain(`gone ${schedulesOfRow.inAll} times`);
});

/** A successor must never look older to the fence than what it succeeds. */
function expectEachNewer(schedules: readonly number[]): void {
  expect(schedules).toEqual([...new Set(schedules)].sort((a, b) => a - b));
}
