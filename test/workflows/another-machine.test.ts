import { beforeAll, expect, it } from 'vitest';
import { withRollback } from '../support/rollback-run.ts';
import { fails, scriptedActs } from '../support/scripted-acts.ts';
import { quietRuntime } from '../support/workflow-bundle.ts';

beforeAll(quietRuntime);

it('a step that ran on another machine is unknown: the operator is asked, and a retry there goes on', async () => {
  const acts = scriptedActs();
  acts.script('stopExperiment', fails('another-machine', 'It began on another Docker engine.'), {});
  const result = await withRollback(acts, {}, async (run) => {
    const { question } = await run.boardWhere((board) => board.question !== null);
    expect(question?.text).toMatch(/unknown\. It began on another Docker engine/);
    expect(acts.keys()).not.toContain('immediateResponse.captureFinalLogs');
    await run.answer('retry');
    return run.result();
  });
  expect(result.verdict).toBe('restored');
  expect(acts.keys().filter((key) => key === 'immediateResponse.stopExperiment')).toHaveLength(2);
});
