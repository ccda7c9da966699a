import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { defaultTimeTarget } from '../../runbook/time-targets.ts';
import { targetStub, withRollback } from '../support/rollback-run.ts';
import { fails, scriptedActs } from '../support/scripted-acts.ts';
import { timeSkippingEnvironment } from '../support/time-skipping.ts';
import { quietRuntime } from '../support/workflow-bundle.ts';

/** Hours pass in seconds on this server: marks and deadlines are tried with the values they really have. */
let server: TestWorkflowEnvironment;

beforeAll(quietRuntime);

// A server each: one whose clock has jumped hands no more work to a second worker.
beforeEach(async () => {
  server = await timeSkippingEnvironment();
});

afterEach(() => server?.teardown());

describe.each(['service-disruption', 'performance-issues', 'data-corruption'] as const)('%s', (scenario) => {
  it('says once that the target has passed and once that the maximum has, when they have', async () => {
    const { targetMs, maximumMs } = defaultTimeTarget(scenario);
    const acts = scriptedActs();
    acts.script('stopExperiment', fails('docker-refused', 'the engine said no'));
    // Two questions that nobody answers last longer than the maximum.
    const target = { ...targetStub, questions: { deadlineMs: maximumMs * 0.6 } };
    const clockFrom = new Date(await server.currentTimeMs()).toISOString();
    const board = await withRollback(
      acts,
      { scenario, clockFrom, target },
      async (run) => {
        await run.result();
        return run.board();
      },
      { server },
    );
    const minutesOf = (text: string): readonly number[] =>
      board.notices
        .filter((notice) => notice.text.startsWith(text))
        .map((notice) => Math.round((Date.parse(notice.at) - Date.parse(clockFrom)) / 60_000));
    expect(minutesOf('The time target has passed')).toEqual([targetMs / 60_000]);
    expect(minutesOf('The maximum time has passed')).toEqual([maximumMs / 60_000]);
  });
});
