import { beforeAll, expect, it } from 'vitest';
import { partialStub, targetStub, withRollback } from '../support/rollback-run.ts';
import { emptyRecovery, gate, scriptedActs } from '../support/scripted-acts.ts';
import { quietRuntime } from '../support/workflow-bundle.ts';

beforeAll(quietRuntime);

const swap = {
  ...emptyRecovery,
  hash: 'swap-plan',
  steps: [
    { step: 'makeSafetyCopy', destroys: false, title: 'safety copy', reason: 'before anything is destroyed' },
    { step: 'stopDataUsers', destroys: false, title: 'stop', reason: 'they use the data' },
    { step: 'restoreData', root: 'agent', destroys: true, title: 'put agent back', reason: 'the migration changed it' },
    { step: 'verifyData', destroys: false, title: 'verify', reason: 'agent' },
    { step: 'startDataUsers', destroys: false, title: 'start', reason: 'they were stopped' },
  ],
} as const;

const performanceOnly = { scenario: 'performance-only' } as const;
/** Over after its first sample. */
const shortWatch = { ...performanceOnly, target: { ...targetStub, partial: partialStub({ watchMs: 1 }) } } as const;

it('limits, watches until it is better, and never touches what only a whole rollback takes out', async () => {
  const acts = scriptedActs();
  acts.script('samplePerformance', { outcome: 'failed' }, {}, { outcome: 'unknown' }, {});
  const result = await withRollback(acts, performanceOnly, (run) => run.result());
  expect(result.verdict).toBe('restored');
  const keys = acts.keys();
  expect(keys.filter((key) => key.startsWith('partial.'))).toEqual([
    'partial.planPartial',
    'partial.captureContainerState',
    'partial.wakeExperiment',
    'partial.limitExperiment',
    'partial.switchLimiter',
    ...[1, 2, 3, 4, 5].map((n) => `partial.samplePerformance:${n}`),
    'partial.startStable',
    'partial.wakeExperiment',
    'partial.awaitStableHealth',
  ]);
  expect(keys.filter((key) => /containExperiment|stopExperiment|restoreData|returnToCheckpoint/.test(key))).toEqual([]);
  const limit = acts.calls.find(({ key }) => key === 'partial.limitExperiment');
  expect(limit?.plans.partial).toBe('partial-hash');
});

it('proposes the full rollback when it is not better in time, and carries it out', async () => {
  const acts = scriptedActs();
  acts.script('samplePerformance', { outcome: 'failed' });
  await withRollback(acts, shortWatch, async (run) => {
    const { question } = await run.boardWhere((board) => board.question !== null);
    expect(question).toMatchObject({ kind: 'not-better', defaultOption: 'full' });
    await run.answer('full');
    await run.result();
    expect((await run.board()).scenario).toBe('performance-issues');
  });
  const change = acts.calls.find(({ key }) => key === 'preparation.changeScope');
  expect(change?.options.scenario).toBe('performance-issues');
  const keys = acts.keys();
  expect(keys.indexOf('immediateResponse.stopExperiment')).toBeGreaterThan(keys.indexOf('preparation.changeScope'));
  expect(keys).toContain('dataRecovery.planRecovery');
});

it('takes the experiment out when nobody answers: that loses nothing, and users wait', async () => {
  const acts = scriptedActs();
  acts.script('samplePerformance', { outcome: 'failed' });
  await withRollback(
    acts,
    { ...shortWatch, target: { ...shortWatch.target, questions: { deadlineMs: 1_000 } } },
    (run) => run.result(),
  );
  expect(acts.keys()).toContain('immediateResponse.stopExperiment');
});

it('leaves both running when somebody says so, and the verdict tells it', async () => {
  const acts = scriptedActs();
  acts.script('samplePerformance', { outcome: 'failed' });
  const result = await withRollback(acts, shortWatch, async (run) => {
    await run.boardWhere(({ question }) => question !== null);
    await run.answer('keep');
    return run.result();
  });
  expect(result).toMatchObject({ verdict: 'restored-with-exceptions' });
  expect(result.reasons.join()).toContain('did not get better');
  expect(acts.keys()).not.toContain('immediateResponse.stopExperiment');
  expect(acts.keys()).toContain('partial.awaitStableHealth');
});

it('goes on with the same watch after a pause', async () => {
  const acts = scriptedActs();
  const held = gate();
  acts.script('samplePerformance', {}, held.answer, { outcome: 'failed' }, {});
  await withRollback(acts, performanceOnly, async (run) => {
    await held.reached;
    await run.send('pause');
    await run.boardWhere(({ answers }) => answers.length === 1);
    held.open();
    await run.boardWhere(({ paused }) => paused);
    await run.send('resume');
    await run.result();
  });
  const samples = acts.keys().filter((key) => key.includes('samplePerformance'));
  expect(samples).toEqual(samples.map((_, n) => `partial.samplePerformance:${n + 1}`));
  expect(new Set(samples).size).toBe(samples.length);
});

it('switches the traffic only after the stable system was started, and asks when requests still end elsewhere', async () => {
  const acts = scriptedActs();
  acts.script('proveTraffic', { outcome: 'failed', reason: 'a third goes elsewhere' }, {});
  const result = await withRollback(acts, { scenario: 'api-issues' }, async (run) => {
    const { question } = await run.boardWhere((board) => board.question !== null);
    expect(question?.text).toContain('a third goes elsewhere');
    await run.answer('retry');
    return run.result();
  });
  expect(result.verdict).toBe('restored');
  expect(
    acts.keys().filter((key) => /^partial\.(startStable|switchTraffic|proveTraffic)|stopExperiment/.test(key)),
  ).toEqual(['partial.startStable', 'partial.switchTraffic', 'partial.proveTraffic', 'partial.proveTraffic']);
});

const done = (keys: readonly string[]) =>
  keys.filter((key) => /stopDataUsers|restoreData|startDataUsers|runMigration/.test(key));

it('puts only data back behind a question, waits for a person, and takes a failed migration back', async () => {
  const acts = scriptedActs();
  acts.script('planRecovery', swap);
  acts.script(
    'runMigration',
    { outcome: 'skipped', reason: 'unchanged' },
    { outcome: 'failed', reason: 'it broke' },
    {},
  );
  const result = await withRollback(acts, { scenario: 'data-migration', yes: false }, async (run) => {
    const confirm = await run.boardWhere(({ question }) => question?.kind === 'confirm-plan');
    expect(confirm.question?.planHash).toBe('swap-plan');
    expect(done(acts.keys())).toEqual([]);
    await run.answer('carry-out');
    const waits = await run.boardWhere(({ question }) => question?.kind === 'migration');
    expect(waits.question?.defaultOption).toBe('leave');
    expect(waits.healthyAt).not.toBeNull();
    for (const text of ['unchanged', 'taken back']) {
      const { id } = (await run.board()).question ?? { id: '' };
      await run.answer('fixed');
      await run.boardWhere(({ question }) => question !== null && question.id !== id && question.text.includes(text));
    }
    await run.answer('fixed');
    return run.result();
  });
  expect(result.verdict).toBe('restored');
  expect(done(acts.keys())).toEqual([
    'partial.stopDataUsers',
    'partial.restoreData:agent',
    'partial.startDataUsers',
    'partial.runMigration:1',
    'partial.runMigration:2',
    'partial.stopDataUsers:2',
    'partial.restoreData:agent:2',
    'partial.startDataUsers:2',
    'partial.runMigration:3',
  ]);
  const back = acts.calls.find(({ key }) => key === 'partial.restoreData:agent:2');
  expect(back?.options.root).toBe('agent');
});

it('runs no migration when nobody says that it is mended', async () => {
  const acts = scriptedActs();
  acts.script('planRecovery', swap);
  const result = await withRollback(
    acts,
    { scenario: 'data-migration', target: { ...targetStub, partial: partialStub({ waitMs: 1_000 }) } },
    (run) => run.result(),
  );
  expect(result.verdict).toBe('restored');
  expect(acts.keys().filter((key) => /runMigration|stopExperiment/.test(key))).toEqual([]);
});

it('changes no data when it is told to leave them', async () => {
  const acts = scriptedActs();
  acts.script('planRecovery', swap);
  await withRollback(acts, { scenario: 'data-migration', yes: false }, async (run) => {
    await run.boardWhere(({ question }) => question?.kind === 'confirm-plan');
    await run.answer('leave');
    await run.boardWhere(({ question }) => question?.kind === 'migration');
    await run.answer('leave');
    return run.result();
  });
  expect(done(acts.keys())).toEqual([]);
});
