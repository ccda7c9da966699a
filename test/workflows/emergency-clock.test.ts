import { expect, it } from 'vitest';
import { defaultTimeTarget } from '../../runbook/time-targets.ts';
import { minutesOf, withRollback } from '../support/rollback-run.ts';
import { gate, scriptedActs } from '../support/scripted-acts.ts';

const { targetMs, maximumMs } = defaultTimeTarget('emergency');

/** It asks nobody and does not wait: the clock began earlier, at the incident, and its marks pass while a step is at work. */
it.each([
  { mark: 'target', text: 'The time target has passed', markMs: targetMs },
  { mark: 'maximum', text: 'The maximum time has passed', markMs: maximumMs },
])('an emergency says once that the $mark has passed, when it has', async ({ text, markMs }) => {
  const acts = scriptedActs();
  const step = gate();
  acts.script('containExperiment', step.answer);
  const clockFrom = new Date(Date.now() - markMs + 3_000).toISOString();
  const board = await withRollback(acts, { scenario: 'emergency', clockFrom }, async (run) => {
    await run.boardWhere(({ notices }) => notices.some((notice) => notice.text.startsWith(text)));
    step.open();
    await run.result();
    return run.board();
  });
  expect(minutesOf(board, text, clockFrom)).toEqual([markMs / 60_000]);
});
