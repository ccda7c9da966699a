import { beforeAll, expect, it } from 'vitest';
import { withRollback } from '../support/rollback-run.ts';
import { emptyRecovery, gate, scriptedActs } from '../support/scripted-acts.ts';
import { quietRuntime } from '../support/workflow-bundle.ts';

beforeAll(quietRuntime);

const restoring = {
  ...emptyRecovery,
  steps: [
    { step: 'returnToCheckpoint', destroys: true, title: 'return', reason: 'HEAD is elsewhere' },
    { step: 'restoreData', root: 'agent', destroys: true, title: 'put agent back', reason: 'corrupt' },
  ],
} as const;

it('makes a whole rollback one of data only at the next safe point; the experiment goes on again', async () => {
  const acts = scriptedActs();
  const held = gate();
  acts.script('stopExperiment', held.answer);
  await withRollback(acts, {}, async (run) => {
    await held.reached;
    expect(await run.choose('data-migration', true)).toMatch(/^taken: .*only the data of the migration go back/);
    expect((await run.board()).scenario).toBe('service-disruption');
    expect(await run.choose('data-migration')).toMatch(/^taken/);
    held.open();
    await run.boardWhere(({ question }) => question?.kind === 'migration');
    await run.answer('leave');
    await run.result();
    expect((await run.board()).scenario).toBe('data-migration');
  });
  const keys = acts.keys();
  expect(keys.filter((key) => key.startsWith('dataRecovery.'))).toEqual([]);
  expect(keys).not.toContain('immediateResponse.captureFinalLogs');
  const order = ['immediateResponse.stopExperiment', 'preparation.changeScope', 'partial.planRecovery'];
  expect(keys.filter((key) => order.includes(key))).toEqual(order);
  expect(keys).toContain('partial.wakeExperiment:swap');
});

it('makes a part a whole rollback in the middle of its restore, which reaches its safe point first', async () => {
  const acts = scriptedActs();
  const held = gate();
  acts.script('planRecovery', { ...restoring, steps: restoring.steps.slice(1) } as object, emptyRecovery);
  acts.script('restoreData', held.answer);
  await withRollback(acts, { scenario: 'data-migration' }, async (run) => {
    await held.reached;
    expect(await run.choose('full')).toMatch(/^taken: .*data-corruption/);
    expect(acts.keys()).not.toContain('preparation.changeScope');
    held.open();
    await run.result();
    expect((await run.board()).scenario).toBe('data-corruption');
  });
  const keys = acts.keys();
  const order = ['partial.restoreData:agent', 'immediateResponse.stopExperiment', 'dataRecovery.planRecovery'];
  expect(keys.filter((key) => order.includes(key))).toEqual(order);
});

it('refuses at the safe point what the step at work has made pointless, and goes on as it was', async () => {
  const acts = scriptedActs();
  const held = gate();
  acts.script('planRecovery', restoring);
  acts.script('returnToCheckpoint', held.answer);
  await withRollback(acts, { scenario: 'data-corruption' }, async (run) => {
    await held.reached;
    expect(await run.choose('api-issues')).toMatch(/^taken/);
    held.open();
    await run.result();
    const { scenario, notices } = await run.board();
    expect(scenario).toBe('data-corruption');
    expect(notices.map(({ text }) => text).join()).toContain('cannot go on from it');
  });
  expect(acts.keys().filter((key) => key.startsWith('partial.'))).toEqual([]);
  expect(acts.keys()).toContain('dataRecovery.restoreData:agent');
});

it('goes over to the emergency path from a part', async () => {
  const acts = scriptedActs();
  acts.script('planRecovery', emptyRecovery);
  await withRollback(acts, { scenario: 'data-migration' }, async (run) => {
    await run.boardWhere(({ question }) => question?.kind === 'migration');
    expect(await run.choose('emergency')).toMatch(/^taken/);
    await run.result();
    expect((await run.board()).mode).toBe('emergency');
  });
  expect(acts.keys()).toContain('emergency.stopExperiment');
});
