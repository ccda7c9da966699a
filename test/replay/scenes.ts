import type { RollbackRequest } from '../../contract/rollback.ts';
import { partialStub, type RollbackRun, targetStub } from '../support/rollback-run.ts';
import { emptyRecovery, fails, gate, type ScriptedActs } from '../support/scripted-acts.ts';

/** One way a rollback can go, of which a history is kept. */
export interface Scene {
  readonly name: string;
  readonly request: Partial<RollbackRequest>;
  play(acts: ScriptedActs): (run: RollbackRun) => Promise<unknown>;
}

const destructive = {
  ...emptyRecovery,
  hash: 'destructive-plan',
  steps: [
    { step: 'makeSafetyCopy', destroys: false, title: 'safety copy', reason: 'before anything is destroyed' },
    { step: 'stopDataUsers', destroys: false, title: 'stop', reason: 'it uses the data' },
    { step: 'returnToCheckpoint', destroys: true, title: 'return', reason: 'HEAD is elsewhere' },
    { step: 'restoreData', root: 'agent', destroys: true, title: 'put agent back', reason: 'corrupt' },
    { step: 'verifyData', destroys: false, title: 'verify', reason: 'agent' },
    { step: 'startStableOnPins', destroys: false, title: 'start', reason: 'it was stopped' },
  ],
} as const;

const untilItsEnd = (run: RollbackRun): Promise<unknown> => run.result();

/** Somebody wants to hear, somebody can be called, and a switch outside is kept quiet. */
const withPeople = {
  ...targetStub,
  notices: { channels: [], stakeholders: ['chat'], deadMan: { url: 'http://127.0.0.1:9', everyMs: 1_000 } },
  contacts: [
    {
      level: 1,
      name: 'On call',
      reach: ['phone'],
      notify: ['pager'],
      acknowledgeMs: 10,
      repeats: 0,
      businessHours: null,
    },
  ],
};

export const scenes: readonly Scene[] = [
  {
    name: 'people-called',
    request: { target: withPeople },
    play: (acts) => {
      acts.script('judgeWorld', { verdict: 'failed', reasons: ['nothing answers'] } as object);
      return untilItsEnd;
    },
  },
  {
    name: 'data-corruption',
    request: { scenario: 'data-corruption' },
    play: (acts) => {
      acts.script('planRecovery', destructive);
      return untilItsEnd;
    },
  },
  {
    name: 'plan-confirmed',
    request: { yes: false },
    play: (acts) => {
      acts.script('planRecovery', destructive);
      return async (run) => {
        await run.boardWhere(({ question }) => question !== null);
        await run.answer('carry-out');
        await run.result();
      };
    },
  },
  {
    name: 'data-chosen',
    request: {},
    play: (acts) => {
      acts.script(
        'planRecovery',
        { ...emptyRecovery, questions: [{ root: 'agent', why: 'no check is declared' }] } as object,
        emptyRecovery,
      );
      return async (run) => {
        await run.boardWhere(({ question }) => question !== null);
        await run.answer('leave');
        await run.result();
      };
    },
  },
  { name: 'api-issues', request: { scenario: 'api-issues' }, play: () => untilItsEnd },
  {
    name: 'data-migration',
    request: { scenario: 'data-migration' },
    play: (acts) => {
      acts.script('planRecovery', {
        ...destructive,
        steps: [
          ...destructive.steps.filter(({ step }) => step !== 'returnToCheckpoint' && step !== 'startStableOnPins'),
          { step: 'startDataUsers', destroys: false, title: 'start', reason: 'they were stopped' },
        ],
      } as object);
      acts.script('runMigration', { outcome: 'failed', reason: 'it broke' }, {});
      return async (run) => {
        await run.boardWhere(({ question }) => question !== null);
        await run.answer('fixed');
        await run.boardWhere(({ question }) => question?.text.includes('taken back') === true);
        await run.answer('fixed');
        await run.result();
      };
    },
  },
  {
    name: 'narrowed-and-widened',
    request: {},
    play: (acts) => {
      const held = gate();
      acts.script('stopExperiment', held.answer, {});
      return async (run) => {
        await held.reached;
        await run.choose('data-migration');
        held.open();
        await run.boardWhere(({ question }) => question !== null);
        await run.choose('full');
        await run.result();
      };
    },
  },
  {
    name: 'performance-better',
    request: { scenario: 'performance-only' },
    play: (acts) => {
      acts.script('samplePerformance', { outcome: 'failed' }, {});
      return untilItsEnd;
    },
  },
  {
    name: 'performance-widened',
    request: { scenario: 'performance-only', target: { ...targetStub, partial: partialStub({ watchMs: 1 }) } },
    play: (acts) => {
      acts.script('samplePerformance', { outcome: 'failed' });
      return async (run) => {
        await run.boardWhere(({ question }) => question !== null);
        await run.answer('full');
        await run.result();
      };
    },
  },
  { name: 'emergency', request: { scenario: 'emergency' }, play: () => untilItsEnd },
  {
    name: 'emergency-takes-over',
    request: {},
    play: (acts) => {
      const hung = gate();
      acts.script('captureLiveLogs', hung.answer);
      return async (run) => {
        await hung.reached;
        await run.send('emergency');
        await run.result();
      };
    },
  },
  {
    name: 'paused-and-resumed',
    request: {},
    play: (acts) => {
      const held = gate();
      acts.script('captureLiveLogs', held.answer);
      return async (run) => {
        await held.reached;
        await run.send('pause');
        await run.boardWhere(({ answers }) => answers.length === 1);
        held.open();
        await run.boardWhere(({ paused }) => paused);
        await run.send('resume');
        await run.result();
      };
    },
  },
  {
    name: 'exhausted-and-given-up',
    request: { timeScale: 0.001 },
    play: (acts) => {
      acts.script('stopExperiment', fails('docker-refused', 'the engine said no'));
      return untilItsEnd;
    },
  },
  {
    name: 'restore-retried',
    request: { scenario: 'data-corruption' },
    play: (acts) => {
      acts.script('planRecovery', destructive);
      acts.script('restoreData', fails('io-error', 'the disk said no'), {});
      return async (run) => {
        await run.boardWhere(({ question }) => question !== null);
        await run.answer('retry');
        await run.result();
      };
    },
  },
  {
    name: 'cancelled',
    request: {},
    play: (acts) => {
      const held = gate();
      acts.script('captureLiveLogs', held.answer);
      return async (run) => {
        await held.reached;
        await run.send('cancel');
        await run.boardWhere(({ answers }) => answers.length === 1);
        held.open();
        await run.result();
      };
    },
  },
];
