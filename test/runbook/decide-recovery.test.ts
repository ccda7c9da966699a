import { describe, expect, it } from 'vitest';
import { decideRecovery, type RecoveryFacts } from '../../runbook/decide-recovery.ts';
import type { RootFacts } from '../../runbook/decide-root.ts';

const commit = 'c'.repeat(40);

function root(over: Partial<RootFacts> = {}): RootFacts {
  return {
    root: 'agent',
    policy: 'when-corrupt',
    integrity: 'sound',
    integrityReasons: ['json **: pass'],
    changes: { differing: 1, missing: 0, extra: 2, bytes: 77, changedSince: '2026-02-01T10:00:00.000Z' },
    sources: ['checkpoint'],
    disagreements: [],
    choice: null,
    ...over,
  };
}

type Over = {
  readonly scenario?: RecoveryFacts['scenario'];
  readonly roots?: RecoveryFacts['roots'];
  readonly repository?: Partial<RecoveryFacts['repository']>;
  readonly stable?: Partial<RecoveryFacts['stable']>;
};

const serving = {
  id: 'id-smp',
  service: 'lightrag',
  alive: true,
  running: true,
  roots: ['agent'],
  usesChangedFiles: false,
} as const;

function facts(over: Over = {}): RecoveryFacts {
  return {
    scenario: over.scenario ?? 'data-corruption',
    roots: over.roots ?? [root()],
    repository: {
      commit,
      ref: 'good',
      head: commit,
      operation: null,
      differing: 0,
      bytes: 0,
      refusals: [],
      ...over.repository,
    },
    stable: {
      containers: [serving],
      missing: [],
      drift: [],
      pins: { lightrag: 'sha256:good' },
      stopInEmergency: 'when-needed',
      ...over.stable,
    },
  };
}

const stepsOf = (over: Over) => decideRecovery(facts(over)).steps.map(({ step }) => step);

describe('the recovery plan holds only what there is to do', () => {
  it('a healthy stable system with sound data and the right commit is not touched', () => {
    const recovery = decideRecovery(facts());
    expect(recovery.steps).toEqual([]);
    expect(recovery.discards).toEqual([]);
    expect(recovery.stopForData).toEqual([]);
    expect(recovery.recreate).toEqual([]);
  });

  it('corrupt data: safety copy, stop, put back, verify, start, in this order', () => {
    const recovery = decideRecovery(facts({ roots: [root({ integrity: 'corrupt' })] }));
    expect(recovery.steps.map(({ step }) => step)).toEqual([
      'makeSafetyCopy',
      'stopDataUsers',
      'restoreData',
      'verifyData',
      'startStableOnPins',
    ]);
    expect(recovery.stopForData).toEqual(['id-smp']);
    expect(recovery.steps.filter(({ destroys }) => destroys).map(({ root: name }) => name)).toEqual(['agent']);
  });

  it('tells what is discarded, since when and where it is kept', () => {
    const { discards } = decideRecovery(
      facts({ roots: [root({ integrity: 'corrupt' })], repository: { differing: 4, bytes: 9 } }),
    );
    expect(discards).toEqual([
      expect.objectContaining({ files: 4, bytes: 9, keptAt: 'safety/git' }),
      expect.objectContaining({
        files: 3,
        bytes: 77,
        changedSince: '2026-02-01T10:00:00.000Z',
        keptAt: 'safety/data/agent',
      }),
    ]);
  });

  it('stops only containers whose mounts cover what goes back', () => {
    const other = { ...serving, id: 'id-other', service: 'other', roots: ['gemini'] };
    const { stopForData } = decideRecovery(
      facts({
        roots: [root({ integrity: 'corrupt' }), root({ root: 'gemini' })],
        stable: { containers: [serving, other] },
      }),
    );
    expect(stopForData).toEqual(['id-smp']);
  });

  it('does not stop what is stopped already, and starts it', () => {
    const idle = { ...serving, alive: false, running: false };
    expect(stepsOf({ roots: [root({ integrity: 'corrupt' })], stable: { containers: [idle] } })).toEqual([
      'makeSafetyCopy',
      'restoreData',
      'verifyData',
      'startStableOnPins',
    ]);
  });
});

describe('the repository returns only when it has to', () => {
  it('stays when HEAD and tree are those of the checkpoint', () => {
    expect(decideRecovery(facts()).repository.returns).toBe(false);
  });

  it.each([
    ['HEAD elsewhere', { head: 'a'.repeat(40) }],
    ['differences', { differing: 3 }],
    ['an operation in progress', { operation: 'merge' }],
  ])('returns because of %s, without stopping who does not use it', (_, repository) => {
    expect(stepsOf({ repository })).toEqual(['makeSafetyCopy', 'returnToCheckpoint']);
  });

  it('destroys only when working files differ', () => {
    const destroying = (over: Partial<RecoveryFacts['repository']>) =>
      decideRecovery(facts({ repository: over })).steps.some(({ destroys }) => destroys);
    expect(destroying({ head: 'a'.repeat(40) })).toBe(false);
    expect(destroying({ differing: 1 })).toBe(true);
  });

  it('stops who has a changed file mounted', () => {
    const user = { ...serving, usesChangedFiles: true };
    expect(decideRecovery(facts({ repository: { differing: 1 }, stable: { containers: [user] } })).stopForData).toEqual(
      ['id-smp'],
    );
    expect(decideRecovery(facts({ stable: { containers: [user] } })).stopForData).toEqual([]);
  });

  it('is left alone when it may not be touched, and says so as a conflict', () => {
    const recovery = decideRecovery(facts({ repository: { differing: 3, refusals: ['filter lfs is not allowed'] } }));
    expect(recovery.steps).toEqual([]);
    expect(recovery.conflicts).toEqual(['repository: filter lfs is not allowed']);
  });
});

describe('the stable system changes only where image, configuration or absence demand it', () => {
  it('recreates a service with the wrong image on the pin, once, with all reasons', () => {
    const drift = [
      { service: 'lightrag', what: 'image', reason: 'another image' },
      { service: 'lightrag', what: 'configuration', reason: 'another configuration' },
    ] as const;
    const recovery = decideRecovery(facts({ stable: { drift } }));
    expect(recovery.recreate).toEqual([
      { service: 'lightrag', image: 'sha256:good', reason: 'another image; another configuration' },
    ]);
    expect(recovery.steps.map(({ step }) => step)).toEqual(['startStableOnPins']);
  });

  it('makes a missing service anew, without a pin where none is known', () => {
    const recovery = decideRecovery(facts({ stable: { missing: ['store'], pins: {} } }));
    expect(recovery.recreate).toEqual([{ service: 'store', image: '', reason: 'it has no container' }]);
  });

  it('in an emergency a healthy system stays up, unless the target wants the runbook’s letter', () => {
    expect(stepsOf({ scenario: 'emergency', roots: [] })).toEqual([]);
    expect(stepsOf({ scenario: 'emergency', roots: [], stable: { stopInEmergency: 'always' } })).toEqual([
      'stopDataUsers',
      'startStableOnPins',
    ]);
    expect(stepsOf({ scenario: 'service-disruption', stable: { stopInEmergency: 'always' } })).toEqual([]);
  });
});

it('questions carry their reasons', () => {
  const { questions } = decideRecovery(
    facts({ roots: [root({ integrity: 'unknown', integrityReasons: ['no check'] })] }),
  );
  expect(questions).toEqual([{ root: 'agent', why: 'it could not be judged: no check' }]);
});
