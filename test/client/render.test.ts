import { describe, expect, it } from 'vitest';
import { countdown } from '../../client/ask-operator.ts';
import { optionOf } from '../../client/commands/answer.ts';
import { exitOf } from '../../client/commands/doctor.ts';
import { render as renderPlan } from '../../client/commands/plan.ts';
import { renderClock, renderDiscards } from '../../client/render-board.ts';
import { renderChanges } from '../../client/render-changes.ts';
import { renderVerdict } from '../../client/render-verdict.ts';
import { choicesOf } from '../../client/request-options.ts';
import { stepsOfJournal } from '../../client/rollback-files.ts';
import type { RollbackView } from '../../client/rollback-reader.ts';
import { parseSince } from '../../client/since.ts';
import type { StepView } from '../../client/steps-view.ts';
import { makeStyle } from '../../client/style.ts';
import { visibleLength } from '../../client/text.ts';
import type { Board, Question } from '../../contract/board.ts';
import type { DoctorFinding, PlanForecast } from '../../contract/observe.ts';
import type { JournalRecord } from '../../vault/journal.ts';
import { emptyRecovery } from '../support/scripted-acts.ts';

const now = Date.parse('2026-01-01T00:10:00Z');
const plain = makeStyle(80, false);

const question: Question = {
  id: 'confirm-plan/1',
  kind: 'confirm-plan',
  text: 'Carry it out?',
  options: [
    { name: 'carry-out', means: 'put it back' },
    { name: 'leave', means: 'change nothing' },
  ],
  defaultOption: 'leave',
  deadline: '2026-01-01T00:12:30.000Z',
  planHash: 'hash',
};

const board: Board = {
  rollbackId: 'e-1',
  environment: 'e',
  scenario: 'data-corruption',
  mode: 'full',
  reason: 'why',
  by: { account: 'a', uid: 1, host: 'h' },
  startedAt: '2026-01-01T00:00:00.000Z',
  clockFrom: '2026-01-01T00:00:00.000Z',
  targetAt: '2026-01-01T00:05:00.000Z',
  maximumAt: '2026-01-01T00:15:00.000Z',
  phase: 'dataRecovery',
  child: null,
  children: [],
  paused: false,
  containmentHash: null,
  recoveryHash: null,
  discards: [],
  question: null,
  notices: [],
  healthyAt: null,
  verdict: null,
  verdictReasons: [],
  reportPath: null,
  openObligations: 0,
  escalation: null,
  answers: [],
};

function step(key: string, ended: boolean): StepView {
  const endedAt = ended ? '2026-01-01T00:01:00.000Z' : null;
  const state = ended ? 'done' : 'running';
  return {
    key,
    title: key,
    activityId: key,
    state,
    reason: 'so it is',
    startedAt: board.startedAt,
    endedAt,
    attempt: 1,
  };
}

function view(steps: readonly StepView[], change: Partial<Board> = {}): RollbackView {
  return {
    workflowId: 'rollback/e',
    runId: 'r',
    environment: 'e',
    status: 'RUNNING',
    startedAt: board.startedAt,
    closedAt: null,
    board: { ...board, ...change },
    steps,
    workerThere: true,
    uiLink: undefined,
  };
}

describe('what changed since the last look', () => {
  it('puts the heading above the first finished step of a phase, also when it was seen at work before', () => {
    const before = view([step('immediateResponse.stopExperiment', true), step('dataRecovery.checkIntegrity', false)]);
    const after = view([step('immediateResponse.stopExperiment', true), step('dataRecovery.checkIntegrity', true)]);
    const lines = renderChanges(before, after, plain, now);
    expect(lines[0]).toBe('Data recovery');
    expect(lines).toHaveLength(2);
    expect(renderChanges(after, after, plain, now)).toEqual([]);
  });

  it('tells a question once, and that nobody is at work when that changes', () => {
    const asked = view([], { question });
    expect(renderChanges(view([]), asked, plain, now).join('\n')).toMatch(/Carry it out\?[\s\S]*rollback answer/);
    expect(renderChanges(asked, asked, plain, now)).toEqual([]);
    expect(renderChanges(asked, { ...asked, workerThere: false }, plain, now).join()).toContain('No worker');
  });
});

it('says how much time is used, against target and maximum, and stops at proven healthy', () => {
  expect(renderClock(board, plain, now)).toBe('Clock: 10 min used (target 5 min, maximum 15 min): over the target');
  const late = renderClock(board, plain, Date.parse('2026-01-01T01:00:00Z'));
  expect(late).toMatch(/over the maximum$/);
  const healthy = renderClock({ ...board, healthyAt: '2026-01-01T00:04:00.000Z' }, plain, now);
  expect(healthy).toBe('Clock: proven healthy after 4 min (target 5 min, maximum 15 min)');
});

it('never cuts off where a discarded state is kept', () => {
  const discard = {
    what: 'w'.repeat(70),
    files: 3,
    bytes: 2048,
    changedSince: board.startedAt,
    keptAt: 'safety/data/agent',
  };
  const lines = renderDiscards([discard], plain);
  expect(lines.join(' ')).toContain('safety/data/agent');
  expect(Math.max(...lines.map(visibleLength))).toBeLessThanOrEqual(80);
});

it('counts down to the default', () => {
  expect(countdown(question, now)).toMatch(/^Without an answer leave holds in 2 min 30 s, at /);
  expect(countdown(question, now + 600_000)).toBe('The time is up: leave holds.');
});

it('takes an answer by name or number, and names the options for any other', () => {
  expect([optionOf(question, 'leave'), optionOf(question, '1')]).toEqual(['leave', 'carry-out']);
  for (const wrong of ['3', '0', 'Leave', '']) expect(() => optionOf(question, wrong)).toThrow(/no option/);
});

it('takes choices of data roots, and tells every one that cannot be', () => {
  expect(choicesOf({ putBack: ['a'], leave: ['b'] }, ['a', 'b'])).toEqual([
    { root: 'a', action: 'put-back' },
    { root: 'b', action: 'leave' },
  ]);
  expect(choicesOf({}, ['a'])).toEqual([]);
  const bad = (): unknown => choicesOf({ putBack: ['a', 'x'], leave: ['a'] }, ['a']);
  expect(bad).toThrow(
    expect.objectContaining({
      kind: 'usage',
      details: [expect.stringContaining('x is no'), expect.stringContaining('a is to be put back and')],
    }),
  );
});

it('reads when it began: ago, a time of today or yesterday, an instant; never the future', () => {
  expect(parseSince('15m', now)).toBe('2025-12-31T23:55:00.000Z');
  expect(parseSince('2025-12-31T23:00:00Z', now)).toBe('2025-12-31T23:00:00.000Z');
  const local = new Date(now - 60_000);
  const clock = `${local.getHours()}:${String(local.getMinutes()).padStart(2, '0')}`;
  expect(parseSince(clock, now)).toBe(new Date(now - 60_000).toISOString());
  const later = new Date(now + 120_000);
  const ahead = `${later.getHours()}:${String(later.getMinutes()).padStart(2, '0')}`;
  expect(Date.parse(parseSince(ahead, now))).toBeLessThan(now);
  expect(() => parseSince('2999-01-01', now)).toThrow(/future/);
  expect(() => parseSince('soon', now)).toThrow(/no time/);
});

it('takes a second attempt of a step from the journal as the one that counts', () => {
  const base = { at: board.startedAt, epoch: 1, step: 'dataRecovery.restoreData:agent', schedule: 1 };
  const records: readonly JournalRecord[] = [
    { ...base, attempt: 1, kind: 'open', seq: 2 },
    { ...base, attempt: 1, kind: 'close', result: 'failed', reason: 'disk full', seq: 3 },
    { ...base, attempt: 2, kind: 'open', seq: 4 },
  ];
  expect(stepsOfJournal(records.slice(0, 2))).toMatchObject([{ state: 'failed', reason: 'disk full' }]);
  expect(stepsOfJournal(records)).toMatchObject([
    { state: 'running', attempt: 2, endedAt: null, title: 'Put the data back: agent' },
  ]);
});

it('ends a doctor badly only for what is bad, and as wrong usage where only the target is', () => {
  const finding = (id: string, status: DoctorFinding['status']): DoctorFinding => ({
    id,
    title: id,
    status,
    detail: '',
    remedy: null,
  });
  expect(exitOf([finding('a', 'ok'), finding('b', 'weak'), finding('c', 'unknown')])).toBe('ok');
  expect(exitOf([finding('target', 'bad'), finding('c', 'unknown')])).toBe('usage');
  expect(exitOf([finding('target', 'bad'), finding('docker', 'bad')])).toBe('missing');
});

it('shows in a plan what changes, what is discarded, what is refused and by how much the time may be exceeded', () => {
  const forecast: PlanForecast = {
    kind: 'plan',
    at: board.startedAt,
    experiment: {
      count: 1,
      containers: [{ name: 'x', service: null, state: 'running', why: 'named', fate: 'paused' }],
    },
    stable: { count: 0, containers: [] },
    recovery: {
      ...emptyRecovery,
      steps: [{ step: 'restoreData', root: 'agent', destroys: true, title: 'put agent back', reason: 'corrupt' }],
      discards: [{ what: 'agent: 3 files', files: 3, bytes: 30, changedSince: null, keptAt: 'safety' }],
      questions: [{ root: 'store', why: 'nobody could check it' }],
    },
    decisions: [{ root: 'agent', action: 'put-back', reasons: ['it is corrupt'] }],
    worstCaseMs: 600_000,
    targetMs: 60_000,
    maximumMs: 300_000,
    refusals: ['a filter is not allowed'],
  };
  const text = renderPlan(forecast, 'data-corruption', plain).join('\n');
  for (const part of [
    /x \(running; named\): paused/,
    /agent: put-back: it is corrupt/,
    /changes {2}put agent back: corrupt/,
    /Discarded by the recovery plan:\n.*agent: 3 files \(3 files, 30 bytes\); kept at safety/,
    /store: nobody could check it/,
    /Would be refused\n.*a filter is not allowed/,
    /10 min .*5 min over the maximum/,
    /--plan": recovery-hash/,
  ]) {
    expect(text).toMatch(part);
  }
});

describe('the verdict', () => {
  it('tells each open item once, also those that the bounded list of reasons left out', () => {
    const items = [
      { id: 'log-errors', status: 'unknown', measured: 'no baseline', required: false },
      { id: 'cpu-limit', status: 'fail', measured: '90 %', required: false },
    ] as const;
    const judgement = { format: 1, at: '', verdict: 'restored-with-exceptions', reasons: [], items } as const;
    const lines = renderVerdict(
      {
        rollbackId: 'e-1',
        verdict: 'restored-with-exceptions',
        reasons: ['No error spike in the logs: unknown, no baseline'],
        reportPath: null,
        openObligations: 0,
      },
      {
        judgement: { ...judgement, data: [], images: [], git: { head: '', branch: null, tree: '' } },
        uiLink: undefined,
      },
      plain,
    );
    expect(lines.filter((line) => line.includes('no baseline'))).toHaveLength(1);
    expect(lines.filter((line) => line.includes('cpu-limit: fail (optional): 90 %'))).toHaveLength(1);
  });
});
