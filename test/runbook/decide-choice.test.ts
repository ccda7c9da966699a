import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decideScope, type ScopeState, scopeNames } from '../../runbook/decide-choice.ts';
import { fullScenarioOf, isPartial, rollbackScenarios, scenarios } from '../../runbook/scenarios.ts';

const all = { integration: {}, migration: {}, performance: {} };
const state = (change: Partial<ScopeState> = {}): ScopeState => ({
  scenario: 'service-disruption',
  emergency: false,
  done: [],
  partial: all,
  ...change,
});

describe('a choice in mid-flight', () => {
  it('narrows a whole rollback whose experiment is stopped: it goes on again', () => {
    const decision = decideScope(state({ done: ['immediateResponse.stopExperiment'] }), 'data-migration');
    expect(decision).toMatchObject({ accepted: true, scenario: 'data-migration' });
    expect(decision.text).toContain('started again');
  });

  it('widens a part to the whole of the same incident, and says what stays', () => {
    const decision = decideScope(state({ scenario: 'performance-only', done: ['partial.limitExperiment'] }), 'full');
    expect(decision).toMatchObject({ accepted: true, scenario: 'performance-issues' });
    expect(decision.text).toContain('limits stay');
  });

  it.each([
    ['dataRecovery.returnToCheckpoint', /cannot go on/],
    ['dataRecovery.restoreData:agent', /put back/],
  ])('is refused as a part once %s is through', (key, why) => {
    for (const wanted of ['api-issues', 'performance-only', 'data-migration'] as const) {
      const decision = decideScope(state({ done: [key] }), wanted);
      expect(decision.accepted).toBe(false);
      expect(decision.text).toMatch(why);
    }
  });

  it('is refused where the target describes nothing for it, with what is missing', () => {
    const decision = decideScope(state({ partial: { ...all, migration: null } }), 'data-migration');
    expect(decision).toEqual({ accepted: false, text: expect.stringContaining('partial.migration is missing') });
  });
});

const keys = fc.subarray([
  'immediateResponse.stopExperiment',
  'dataRecovery.returnToCheckpoint',
  'dataRecovery.restoreData:agent',
  'partial.limitExperiment',
  'partial.restoreData:agent',
]);

const states = fc.record({
  scenario: fc.constantFrom(...scenarios),
  emergency: fc.boolean(),
  done: keys,
  partial: fc.record({
    integration: fc.constantFrom(null, {}),
    migration: fc.constantFrom(null, {}),
    performance: fc.constantFrom(null, {}),
  }),
});

it('is never taken on the emergency path, never to what it is already, and always says why or what changes', () => {
  fc.assert(
    fc.property(states, fc.constantFrom(...scopeNames, ...rollbackScenarios), (given, wanted) => {
      const decision = decideScope(given, wanted);
      expect(decision.text.length).toBeGreaterThan(20);
      if (!decision.accepted) return;
      expect(given.emergency).toBe(false);
      expect(decision.scenario).not.toBe(given.scenario);
      expect(decision.difference.length).toBeGreaterThan(1);
      if (wanted === 'full') expect(decision.scenario).toBe(fullScenarioOf(given.scenario));
    }),
  );
});

it('never leaves an experiment to go on from a repository that is back at the checkpoint', () => {
  fc.assert(
    fc.property(states, fc.constantFrom(...scopeNames), (given, wanted) => {
      const decision = decideScope(given, wanted);
      if (!decision.accepted || !isPartial(decision.scenario) || isPartial(given.scenario)) return;
      expect(given.done.filter((key) => /returnToCheckpoint|dataRecovery\.restoreData/.test(key))).toEqual([]);
    }),
  );
});

it('can always be widened again, whatever part it has become', () => {
  fc.assert(
    fc.property(states, (given) => {
      if (given.emergency || !isPartial(given.scenario)) return;
      expect(decideScope(given, 'full').accepted).toBe(true);
      expect(decideScope(given, 'emergency').accepted).toBe(true);
    }),
  );
});
