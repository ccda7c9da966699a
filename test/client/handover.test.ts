import { describe, expect, it } from 'vitest';
import { type Handover, nextCommand, openSteps } from '../../client/handover.ts';
import { renderHandover } from '../../client/render-handover.ts';
import type { StepView } from '../../client/steps-view.ts';
import { makeStyle } from '../../client/style.ts';
import type { Board } from '../../contract/board.ts';
import { openBoard } from '../../workflows/incident.ts';
import { requestOf } from '../support/rollback-run.ts';

const now = Date.parse('2026-01-01T00:10:00Z');
const board = openBoard(requestOf({ clockFrom: '2026-01-01T00:00:00.000Z' }), 900_000, 3_600_000, now);
const question: Board['question'] = {
  id: 'q',
  kind: 'exhausted',
  text: 'The engine said no.',
  options: [
    { name: 'retry', means: 'again' },
    { name: 'skip', means: 'leave it out' },
  ],
  defaultOption: 'retry',
  deadline: '2026-01-01T00:20:00.000Z',
  planHash: null,
};
const escalation: Board['escalation'] = {
  workflowId: 'w',
  cause: 'target-passed',
  since: '2026-01-01T00:05:00.000Z',
  acknowledgedBy: null,
};
const disk: NonNullable<Handover['disk']> = {
  rollbackId: board.rollbackId,
  state: 'open',
  obligations: [],
  request: undefined,
  judgement: undefined,
};
const card: Handover = {
  environment: 'practice',
  board,
  disk,
  steps: [],
  running: true,
  workerThere: true,
  serverThere: true,
};

describe('the one command to type next', () => {
  it.each<[string, Partial<Handover>, string]>([
    ['it is at work', {}, 'rollback watch --environment practice'],
    ['a question waits', { board: { ...board, question, paused: true } }, 'answer <retry|skip>'],
    ['no worker, although a question waits', { workerThere: false, board: { ...board, question } }, 'rollback up'],
    ['it is paused', { board: { ...board, paused: true } }, 'rollback resume'],
    ['people are called', { board: { ...board, escalation } }, 'rollback ack'],
    [
      'somebody is at it',
      { board: { ...board, escalation: { ...escalation, acknowledgedBy: 'a' } } },
      'rollback watch',
    ],
    ['it was cancelled', { running: false, disk: { ...disk, state: 'left-open' } }, 'rollback resume'],
    ['it has ended', { running: false, disk: { ...disk, state: 'closed' } }, 'rollback report'],
    ['the server is down', { serverThere: false, board: undefined, running: false }, 'rollback up'],
    [
      'the server is down and nothing is open',
      { serverThere: false, board: undefined, running: false, disk: { ...disk, state: 'closed' } },
      'rollback report',
    ],
  ])('%s', (_what, change, command) => {
    expect(nextCommand({ ...card, ...change }).command).toContain(command);
  });
});

const step = (key: string, state: StepView['state']): StepView => ({
  key,
  title: `title of ${key}`,
  activityId: key,
  state,
  reason: 'because',
  startedAt: '2026-01-01T00:01:00.000Z',
  endedAt: state === 'running' ? null : '2026-01-01T00:02:00.000Z',
  attempt: 1,
});

it('counts what is through, and shows what is not or went wrong, and what is owed', () => {
  const steps = [
    step('immediateResponse.containExperiment', 'done'),
    step('immediateResponse.captureLiveLogs', 'failed'),
    step('dataRecovery.restoreData:agent', 'running'),
  ];
  expect(openSteps(steps).map(({ state }) => state)).toEqual(['failed', 'running']);
  const owing = { ...disk, obligations: [{ id: 'stable-serves', what: 'start the stable system again' }] as never };
  const text = renderHandover({ ...card, steps, disk: owing }, makeStyle(100, false), now).join('\n');
  expect(text).toMatch(/Immediate response: 1 of 2 steps/);
  expect(text).toMatch(/FAILED.*because/);
  expect(text).toMatch(/title of dataRecovery.restoreData:agent.*at work/);
  expect(text).toMatch(/Still owed, whatever happens\n {2}- start the stable system again/);
  expect(text).toMatch(/Type next\n {2}rollback watch --environment practice/);
});
