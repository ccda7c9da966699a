import { beforeAll, expect, it } from 'vitest';
import type { EscalationResult } from '../../contract/escalation.ts';
import type { Rung } from '../../runbook/escalation.ts';
import { targetStub, withRollback } from '../support/rollback-run.ts';
import { fails, scriptedActs } from '../support/scripted-acts.ts';
import { quietRuntime } from '../support/workflow-bundle.ts';

beforeAll(quietRuntime);

const rung = (level: number, acknowledgeMs: number): Rung & { readonly reach: readonly string[] } => ({
  level,
  name: `L${level}`,
  reach: ['phone'],
  notify: ['pager'],
  acknowledgeMs,
  repeats: 1,
  businessHours: null,
});

it('goes on calling after a rollback that failed, until the ladder ends', async () => {
  const acts = scriptedActs();
  acts.script('judgeWorld', { verdict: 'failed', reasons: ['nothing answers'] } as object);
  const target = { ...targetStub, contacts: [rung(1, 100), rung(2, 100)] };
  await withRollback(acts, { target }, async (run) => {
    expect((await run.result()).verdict).toBe('failed');
    const { escalation } = await run.board();
    const ladder = run.handle.client.getHandle(escalation?.workflowId ?? 'none');
    expect((await ladder.result()) as EscalationResult).toEqual({
      acknowledgedBy: null,
      called: [
        { level: 1, name: 'L1', how: 'did not acknowledge' },
        { level: 2, name: 'L2', how: 'did not acknowledge' },
      ],
    });
  });
});

it('calls nobody any more once a rollback is over that did not fail', async () => {
  const acts = scriptedActs();
  acts.script('stopExperiment', fails('docker-refused', 'the engine said no'), {});
  // A question that waited half its time calls level 1, who would have an hour to say so.
  const target = { ...targetStub, questions: { deadlineMs: 4_000 }, contacts: [rung(1, 3_600_000), rung(2, 100)] };
  await withRollback(acts, { target }, async (run) => {
    await run.boardWhere(({ escalation }) => escalation !== null);
    await run.result();
    const { escalation } = await run.board();
    const ladder = run.handle.client.getHandle(escalation?.workflowId ?? 'none');
    expect((await ladder.result()) as EscalationResult).toEqual({
      acknowledgedBy: null,
      called: [{ level: 1, name: 'L1', how: 'the rollback was over' }],
    });
  });
});
