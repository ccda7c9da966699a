import { ApplicationFailure } from '@temporalio/activity';
import { beforeAll, describe, expect, it } from 'vitest';
import { signalNames } from '../../contract/ids.ts';
import type { StepInput, StepResult } from '../../contract/step.ts';
import { withRollback } from '../support/rollback-run.ts';
import { emptyRecovery, fails, gate, scriptedActs } from '../support/scripted-acts.ts';
import { quietRuntime } from '../support/workflow-bundle.ts';

beforeAll(quietRuntime);

const destructive = {
  ...emptyRecovery,
  hash: 'destructive-plan',
  steps: [
    { step: 'makeSafetyCopy', destroys: false, title: 'safety copy', reason: 'before anything is destroyed' },
    { step: 'restoreData', root: 'agent', destroys: true, title: 'put agent back', reason: 'corrupt' },
    { step: 'startStableOnPins', destroys: false, title: 'start', reason: 'it was stopped' },
  ],
  discards: [{ what: 'agent: 3 files', files: 3, bytes: 30, changedSince: null, keptAt: '/safety' }],
} as const;

for (const cache of [undefined, 0]) {
  describe(`rollback ${cache === 0 ? 'with the workflow cache off' : 'with the workflow cache on'}`, () => {
    const options = cache === undefined ? {} : { maxCachedWorkflows: cache };

    it('runs the phases in the runbook order and takes the verdict from the judgement alone', async () => {
      const acts = scriptedActs();
      acts.script('judgeWorld', { verdict: 'not-proven', reasons: ['nobody looked'], items: [] } as object);
      const result = await withRollback(acts, {}, (run) => run.result(), options);
      expect(result.verdict).toBe('not-proven');
      expect(result.reasons).toEqual(['nobody looked']);
      const keys = acts.keys();
      const order = [
        'preparation.openRollback',
        'preparation.planContainment',
        'immediateResponse.containExperiment',
        'immediateResponse.captureLiveLogs',
        'immediateResponse.stopExperiment',
        'immediateResponse.captureFinalLogs',
        'immediateResponse.verifyExperimentStopped',
        'dataRecovery.checkIntegrity',
        'dataRecovery.planRecovery',
        'systemValidation.runFunctionalChecks',
        'systemValidation.runScript:monitor',
        'judgement.judgeWorld',
        'documentation.writeReport',
        'closing.closeRollback',
      ];
      expect(keys.filter((key) => order.includes(key))).toEqual(order);
    });

    it('asks before it destroys, and destroys nothing when the answer is to leave the data', async () => {
      const acts = scriptedActs();
      acts.script('planRecovery', destructive);
      const result = await withRollback(
        acts,
        { yes: false },
        async (run) => {
          const board = await run.boardWhere(({ question }) => question !== null);
          expect(board.question?.kind).toBe('confirm-plan');
          expect(board.question?.planHash).toBe('destructive-plan');
          expect(acts.keys().some((key) => key.includes('restoreData'))).toBe(false);
          await run.answer('leave');
          return run.result();
        },
        options,
      );
      expect(acts.keys().filter((key) => /restoreData|makeSafetyCopy/.test(key))).toEqual([]);
      expect(acts.keys()).toContain('dataRecovery.startStableOnPins');
      expect(result.verdict).toBe('restored-with-exceptions');
    });

    it('carries the plan out step by step once it is agreed to', async () => {
      const acts = scriptedActs();
      acts.script('planRecovery', destructive);
      await withRollback(
        acts,
        { yes: false },
        async (run) => {
          await run.boardWhere(({ question }) => question !== null);
          await run.answer('carry-out');
          return run.result();
        },
        options,
      );
      const carried = acts.keys().filter((key) => /makeSafetyCopy|restoreData|startStableOnPins/.test(key));
      expect(carried).toEqual([
        'dataRecovery.makeSafetyCopy',
        'dataRecovery.restoreData:agent',
        'dataRecovery.startStableOnPins',
      ]);
      expect(acts.keys().filter((key) => key === 'dataRecovery.planRecovery')).toHaveLength(1);
    });
  });
}

describe('rollback', () => {
  it('needs no second question for the very plan that was agreed to beforehand', async () => {
    const acts = scriptedActs();
    acts.script('planRecovery', destructive);
    await withRollback(acts, { yes: false, agreedPlan: 'destructive-plan' }, (run) => run.result());
    expect(acts.keys()).toContain('dataRecovery.restoreData:agent');
  });

  it('asks about a data root that no check could judge, then plans anew with the choice', async () => {
    const acts = scriptedActs();
    acts.script(
      'planRecovery',
      { ...emptyRecovery, questions: [{ root: 'agent', why: 'no check is declared' }] } as object,
      { ...emptyRecovery, hash: 'after-choice' } as object,
    );
    await withRollback(acts, {}, async (run) => {
      const board = await run.boardWhere(({ question }) => question !== null);
      expect(board.question?.kind).toBe('choose-data');
      await run.answer('put-back');
      return run.result();
    });
    const plans = acts.calls.filter((call) => call.key === 'dataRecovery.planRecovery');
    expect(plans.map((call) => call.options.choices)).toEqual([[], [{ root: 'agent', action: 'put-back' }]]);
  });

  it('refuses an answer that is no option, and one for a closed question', async () => {
    const acts = scriptedActs();
    acts.script('planRecovery', destructive);
    await withRollback(acts, { yes: false }, async (run) => {
      await run.boardWhere(({ question }) => question !== null);
      await run.answer('perhaps');
      await run.answer('carry-out', 'another-question');
      const board = await run.boardWhere(({ answers }) => answers.length === 2);
      expect(board.answers.map(({ accepted }) => accepted)).toEqual([false, false]);
      expect(board.question).not.toBeNull();
      await run.answer('leave');
      await run.result();
    });
  });

  it('asks when a step is exhausted, and tries it again when told so', async () => {
    const acts = scriptedActs();
    acts.script('stopExperiment', fails('docker-refused', 'the engine said no'), {});
    const result = await withRollback(acts, {}, async (run) => {
      const board = await run.boardWhere(({ question }) => question !== null);
      expect(board.question?.text).toContain('the engine said no');
      await run.answer('retry');
      return run.result();
    });
    expect(acts.keys().filter((key) => key === 'immediateResponse.stopExperiment')).toHaveLength(2);
    expect(acts.keys().filter((key) => key === 'immediateResponse.containExperiment')).toHaveLength(1);
    expect(result.verdict).toBe('restored');
  });

  it('runs a retried row as a later one than all of its earlier attempts, so that no fence refuses it', async () => {
    const acts = scriptedActs();
    acts.script('stopExperiment', fails('docker-refused', 'the engine said no'), {});
    await withRollback(acts, {}, async (run) => {
      await run.boardWhere(({ question }) => question !== null);
      await run.answer('retry');
      await run.result();
    });
    const schedules = acts.calls
      .filter((call) => call.key === 'immediateResponse.stopExperiment')
      .map(({ schedule }) => schedule);
    expect(schedules).toHaveLength(2);
    expect(schedules[1]).toBeGreaterThan(schedules[0] ?? Number.POSITIVE_INFINITY);
  });

  it('has the stable system serve before it asks what to do about a restore that failed', async () => {
    const acts = scriptedActs();
    const stops = { step: 'stopDataUsers', destroys: false, title: 'stop', reason: 'it uses the data' } as const;
    const [copy, ...rest] = destructive.steps;
    acts.script('planRecovery', { ...destructive, steps: [copy, stops, ...rest] } as object);
    acts.script('restoreData', fails('io-error', 'the disk said no'), {});
    await withRollback(acts, {}, async (run) => {
      const { question } = await run.boardWhere((board) => board.question !== null);
      expect(question?.text).toContain('the disk said no');
      expect(acts.keys().slice(-2)).toEqual(['judgement.startStable', 'judgement.awaitStableHealth']);
      await run.answer('retry');
      await run.result();
    });
    const again = acts.keys().slice(acts.keys().lastIndexOf('judgement.awaitStableHealth'));
    expect(again).toContain('dataRecovery.stopDataUsers');
    expect(again.indexOf('dataRecovery.stopDataUsers')).toBeLessThan(again.indexOf('dataRecovery.restoreData:agent'));
  });

  it('tells a left-out step as an exception', async () => {
    const acts = scriptedActs();
    acts.script('stopExperiment', fails('docker-refused', 'the engine said no'));
    const result = await withRollback(acts, {}, async (run) => {
      await run.boardWhere(({ question }) => question !== null);
      await run.answer('skip');
      return run.result();
    });
    expect(result.verdict).toBe('restored-with-exceptions');
    expect(result.reasons.join()).toContain('the engine said no');
  });

  it('gives up when nobody answers, and still tries to have the stable system serve', async () => {
    const acts = scriptedActs();
    acts.script('stopExperiment', fails('docker-refused', 'the engine said no'));
    const result = await withRollback(acts, { timeScale: 0.001 }, (run) => run.result());
    expect(result.verdict).toBe('not-proven');
    expect(acts.keys()).toContain('judgement.startStable');
    expect(acts.keys()).toContain('closing.closeRollback');
  });

  it('ends at once, with the reason, when the environment is held by another', async () => {
    const acts = scriptedActs();
    acts.script('openRollback', fails('held-by-another', 'held by alice'));
    const failure = await withRollback(acts, {}, (run) => run.result().catch((error: unknown) => error));
    expect(String((failure as { cause?: unknown }).cause)).toContain('held by alice');
    expect(acts.keys()).toEqual(['preparation.openRollback']);
  });

  it('pauses at the next safe point and goes on where it was', async () => {
    const acts = scriptedActs();
    const held = gate();
    acts.script('captureLiveLogs', held.answer);
    await withRollback(acts, {}, async (run) => {
      await held.reached;
      await run.send('pause');
      await run.boardWhere(({ answers }) => answers.length === 1);
      held.open();
      await run.boardWhere(({ paused }) => paused);
      expect(acts.keys()).not.toContain('immediateResponse.stopExperiment');
      await run.send('resume');
      await run.result();
    });
    expect(acts.keys().filter((key) => key === 'immediateResponse.captureLiveLogs')).toHaveLength(1);
    expect(acts.keys()).toContain('immediateResponse.stopExperiment');
  });

  it('ends at the next safe point when it is cancelled, with the stable system started and no better than not-proven', async () => {
    const acts = scriptedActs();
    const held = gate();
    acts.script('captureLiveLogs', held.answer);
    const result = await withRollback(acts, {}, async (run) => {
      await held.reached;
      await run.send('cancel');
      await run.boardWhere(({ answers }) => answers.length === 1);
      held.open();
      return run.result();
    });
    expect(result.verdict).toBe('not-proven');
    expect(acts.keys()).not.toContain('immediateResponse.stopExperiment');
    expect(acts.keys()).toContain('judgement.startStable');
    expect(acts.calls.find((call) => call.key === 'closing.closeRollback')?.options.ending).toBe('cancelled');
  });

  it('lets the emergency path take over while a step hangs, under a higher epoch', async () => {
    const acts = scriptedActs();
    const hung = gate();
    acts.script('captureLiveLogs', hung.answer);
    const result = await withRollback(acts, {}, async (run) => {
      await hung.reached;
      await run.send('emergency');
      return run.result();
    });
    expect(result.verdict).toBe('restored');
    const after = acts.calls.slice(acts.keys().indexOf('emergency.takeOver') + 1);
    expect(after.map((call) => call.key)).toContain('emergency.stopExperiment');
    expect(after.every((call) => call.epoch === 2)).toBe(true);
    expect(after.some((call) => call.key.startsWith('dataRecovery'))).toBe(false);
  });

  it('lets the emergency path take over while a question waits', async () => {
    const acts = scriptedActs();
    acts.script('planRecovery', destructive, emptyRecovery);
    await withRollback(acts, { yes: false }, async (run) => {
      await run.boardWhere(({ question }) => question !== null);
      await run.send('emergency');
      const board = await run.boardWhere(({ mode }) => mode === 'emergency');
      expect(board.question).toBeNull();
      return run.result();
    });
    expect(acts.keys()).toContain('emergency.awaitStableHealth');
  });

  it('goes on to serve the stable system on the emergency path although the stop failed', async () => {
    const acts = scriptedActs();
    acts.script('stopExperiment', fails('docker-refused', 'no'));
    acts.script('planRecovery', fails('unexpected', 'no plan'));
    await withRollback(acts, { scenario: 'emergency' }, (run) => run.result());
    expect(acts.keys()).toContain('emergency.startStable');
    expect(acts.keys()).toContain('emergency.awaitStableHealth');
  });

  it('does not carry out a plan of the full rollback on the emergency path, whose own plan failed', async () => {
    const acts = scriptedActs();
    acts.script('planRecovery', destructive, fails('unexpected', 'no plan'));
    await withRollback(acts, { yes: false }, async (run) => {
      await run.boardWhere(({ question }) => question !== null);
      await run.send('emergency');
      return run.result();
    });
    expect(acts.keys().filter((key) => key.includes('restoreData'))).toEqual([]);
    expect(acts.keys()).toContain('emergency.startStable');
  });

  it('takes security over from the message of the emergency', async () => {
    const acts = scriptedActs();
    const hung = gate();
    acts.script('captureLiveLogs', hung.answer);
    await withRollback(acts, {}, async (run) => {
      await hung.reached;
      await run.handle.signal(signalNames.emergency, { requestId: 'r', by: {}, why: 'leak', security: true });
      return run.result();
    });
    const contained = acts.calls.find((call) => call.key === 'emergency.containExperiment');
    expect(contained?.options.security).toBe(true);
  });

  it('lets the emergency path take over while the world is judged, and judges it anew', async () => {
    const acts = scriptedActs();
    const hung = gate();
    acts.script('judgeWorld', hung.answer, {});
    const result = await withRollback(acts, {}, async (run) => {
      await hung.reached;
      await run.send('emergency');
      return run.result();
    });
    expect(acts.keys()).toContain('emergency.awaitStableHealth');
    expect(acts.keys().filter((key) => key === 'judgement.judgeWorld')).toHaveLength(2);
    expect(result.verdict).toBe('restored');
  });

  it('serves on the old images when the emergency path cannot have those of the checkpoint', async () => {
    const acts = scriptedActs();
    acts.script('planRecovery', destructive);
    acts.script('startStableOnPins', fails('refused', 'the image is gone'));
    await withRollback(acts, { scenario: 'emergency' }, (run) => run.result());
    const order = acts.keys().filter((key) => /^emergency\.(start|await)/.test(key));
    expect(order).toEqual(['emergency.startStableOnPins', 'emergency.startStable', 'emergency.awaitStableHealth']);
  });

  it('asks nothing on the emergency path, whatever fails, and frees the environment it could not list', async () => {
    const acts = scriptedActs();
    acts.script('planContainment', fails('unexpected', 'no list'));
    acts.script('closeRollback', {});
    await withRollback(acts, { scenario: 'emergency' }, async (run) => {
      await expect(run.result()).rejects.toMatchObject({ cause: { message: 'no list' } });
      expect((await run.board()).notices.some(({ text }) => text.includes('Nobody answered'))).toBe(false);
    });
    const closing = acts.calls.find((call) => call.key === 'closing.closeRollback');
    expect(closing?.options.ending).toBe('gave-up');
  });

  it('has the watch put back as hard as it was taken out, and tells of a watch that ended', async () => {
    const acts = scriptedActs();
    let watched: StepInput | undefined;
    const activities = {
      ...acts.activities,
      watchExperiment: async (input: StepInput): Promise<StepResult> => {
        watched = input;
        throw ApplicationFailure.nonRetryable('the plan is another', 'plan-differs');
      },
    };
    const result = await withRollback({ ...acts, activities }, { scenario: 'data-corruption', security: true }, (run) =>
      run.result(),
    );
    expect(watched?.options).toMatchObject({ security: true, suspectData: true });
    expect(result.reasons.join(' ')).toContain('Nobody watched any more');
    expect(result.verdict).toBe('restored-with-exceptions');
  });

  it('takes the same message only once', async () => {
    const acts = scriptedActs();
    const held = gate();
    acts.script('captureLiveLogs', held.answer);
    await withRollback(acts, {}, async (run) => {
      await held.reached;
      await run.send('pause', 'same');
      await run.send('pause', 'same');
      await run.send('resume', 'other');
      const board = await run.boardWhere(({ answers }) => answers.length >= 2);
      expect(board.answers.map(({ requestId, accepted }) => [requestId, accepted])).toEqual([
        ['same', true],
        ['other', true],
      ]);
      held.open();
      await run.result();
    });
  });

  it('stops the clock at the end of data recovery, and then only looks whether anything is to be started', async () => {
    const acts = scriptedActs();
    await withRollback(acts, {}, async (run) => {
      await run.result();
      expect((await run.board()).healthyAt).not.toBeNull();
    });
    expect(acts.keys()).toContain('judgement.startStable');
    expect(acts.keys()).not.toContain('judgement.awaitStableHealth');
  });

  it('waits for health once more when an engine that died has taken the stable system down', async () => {
    const acts = scriptedActs();
    acts.script('startStable', {}, { outcome: 'done', reason: 'one was down' });
    await withRollback(acts, {}, (run) => run.result());
    const [judged, healthy] = ['judgement.judgeWorld', 'judgement.awaitStableHealth'].map((key) =>
      acts.keys().indexOf(key),
    );
    expect(healthy).toBeGreaterThan(0);
    expect(healthy).toBeLessThan(judged ?? 0);
  });

  it('judges once more what went down or came up while it was judged, but not for ever', async () => {
    for (const [answers, times] of [
      [
        [
          { verdict: 'failed', figures: { disturbed: 1 } },
          { verdict: 'restored', figures: { disturbed: 0 } },
        ],
        2,
      ],
      [[{ verdict: 'failed', figures: { disturbed: 1 } }], 3],
    ] as const) {
      const acts = scriptedActs();
      acts.script('judgeWorld', ...(answers as readonly object[]));
      const { verdict } = await withRollback(acts, {}, (run) => run.result());
      expect(verdict).toBe(answers.at(-1)?.verdict);
      expect(acts.keys().filter((key) => key === 'judgement.judgeWorld')).toHaveLength(times);
    }
  });

  it('names whom to call when the verdict is failed', async () => {
    const acts = scriptedActs();
    acts.script('awaitStableHealth', { outcome: 'failed', reason: 'no answer' });
    acts.script('judgeWorld', { verdict: 'failed', reasons: ['the service does not answer'], items: [] } as object);
    await withRollback(acts, {}, async (run) => {
      await run.result();
      const { notices } = await run.board();
      expect(notices.at(-1)?.text).toContain('ROLLBACK FAILED - CONTACT SUPPORT');
      expect(notices.at(-1)?.text).toContain('+1 555 0100');
    });
  });
});
