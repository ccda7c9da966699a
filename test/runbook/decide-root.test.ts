import { describe, expect, it } from 'vitest';
import { decideRoot, type RootFacts } from '../../runbook/decide-root.ts';
import { rollbackScenarios } from '../../runbook/scenarios.ts';

const changed = { differing: 2, missing: 1, extra: 3, bytes: 400, changedSince: '2026-02-01T10:00:00.000Z' };
const equal = { differing: 0, missing: 0, extra: 0, bytes: 0, changedSince: null };

function facts(over: Partial<RootFacts> = {}): RootFacts {
  return {
    root: 'agent',
    policy: 'when-corrupt',
    integrity: 'sound',
    integrityReasons: ['json **: pass'],
    changes: changed,
    sources: ['checkpoint'],
    disagreements: [],
    choice: null,
    ...over,
  };
}

const actionOf = (scenario: (typeof rollbackScenarios)[number], over: Partial<RootFacts>) =>
  decideRoot(scenario, facts(over)).decision.action;

describe('a data root goes back by policy, proof and choice', () => {
  it.each(['data-corruption', 'service-disruption', 'performance-issues'] as const)(
    'changed is not corrupt: sound data stay in %s',
    (scenario) => {
      const { decision } = decideRoot(scenario, facts());
      expect(decision.action).toBe('leave');
      expect(decision.reasons.join(' ')).toContain('2 differ, 1 are missing, 3 are new');
    },
  );

  it.each(['data-corruption', 'service-disruption', 'performance-issues'] as const)(
    'proven corruption goes back in %s',
    (scenario) => expect(actionOf(scenario, { integrity: 'corrupt' })).toBe('put-back'),
  );

  it('asks about data that could not be judged when data are what the incident is about', () => {
    expect(actionOf('data-corruption', { integrity: 'unknown' })).toBe('ask');
  });

  it.each(['service-disruption', 'performance-issues'] as const)(
    'without proof nothing goes back in %s',
    (scenario) => {
      expect(actionOf(scenario, { integrity: 'unknown' })).toBe('leave');
      expect(actionOf(scenario, { policy: 'always' })).toBe('leave');
      expect(actionOf(scenario, { policy: 'always', integrity: 'corrupt' })).toBe('put-back');
    },
  );

  it('`always` means always when data are corrupt somewhere, but not for data that are as in the checkpoint', () => {
    expect(actionOf('data-corruption', { policy: 'always' })).toBe('put-back');
    expect(actionOf('data-corruption', { policy: 'always', changes: equal })).toBe('leave');
  });

  it('`never` keeps even corrupt data and says that they are corrupt', () => {
    const { decision } = decideRoot('data-corruption', facts({ policy: 'never', integrity: 'corrupt' }));
    expect(decision.action).toBe('leave');
    expect(decision.reasons.join(' ')).toContain('it is corrupt');
  });

  it('`ask` asks about changed data and not about equal ones', () => {
    expect(actionOf('service-disruption', { policy: 'ask' })).toBe('ask');
    expect(actionOf('service-disruption', { policy: 'ask', changes: equal })).toBe('leave');
  });

  it('an emergency puts back only what must always go back', () => {
    const unchecked = { integrity: 'unchecked', changes: null } as const;
    expect(actionOf('emergency', { ...unchecked, policy: 'always' })).toBe('put-back');
    for (const policy of ['when-corrupt', 'never', 'ask'] as const) {
      expect(actionOf('emergency', { ...unchecked, policy })).toBe('leave');
    }
  });

  it.each(rollbackScenarios)('the operator decides in %s, whatever the policy', (scenario) => {
    expect(actionOf(scenario, { policy: 'never', choice: 'put-back' })).toBe('put-back');
    expect(actionOf(scenario, { policy: 'always', integrity: 'corrupt', choice: 'leave' })).toBe('leave');
  });

  it('takes the first source in order: checkpoint, git, backup', () => {
    const sourceOf = (sources: RootFacts['sources']) =>
      decideRoot('data-corruption', facts({ integrity: 'corrupt', sources })).decision.source;
    expect(sourceOf(['backup', 'checkpoint', 'git'])).toBe('checkpoint');
    expect(sourceOf(['backup', 'git'])).toBe('git');
    expect(sourceOf(['backup'])).toBe('backup');
  });

  it('leaves what has no source, and says so as a conflict, even when the operator wishes otherwise', () => {
    const { decision, conflicts } = decideRoot(
      'data-corruption',
      facts({ integrity: 'corrupt', sources: [], choice: 'put-back' }),
    );
    expect(decision.action).toBe('leave');
    expect(conflicts).toHaveLength(1);
  });

  it('sources that disagree are a conflict that needs a choice', () => {
    const over = { integrity: 'corrupt', disagreements: ['x.json.backup is not the checkpoint’s x.json'] } as const;
    const asked = decideRoot('data-corruption', facts(over));
    expect(asked.decision.action).toBe('ask');
    expect(asked.conflicts).toEqual(['agent: x.json.backup is not the checkpoint’s x.json']);
    const chosen = decideRoot('data-corruption', facts({ ...over, choice: 'put-back' }));
    expect(chosen.decision).toMatchObject({ action: 'put-back', source: 'checkpoint' });
    expect(chosen.conflicts).toHaveLength(1);
  });

  it('a disagreement about data that stay is none', () => {
    const { decision, conflicts } = decideRoot('data-corruption', facts({ disagreements: ['a backup differs'] }));
    expect(decision.action).toBe('leave');
    expect(conflicts).toEqual([]);
  });
});
