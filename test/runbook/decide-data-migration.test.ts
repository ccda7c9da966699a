import fc from 'fast-check';
import { expect, it } from 'vitest';
import { decideRecovery, type RecoveryFacts } from '../../runbook/decide-recovery.ts';
import { restorePolicies } from '../../runbook/decide-root.ts';

/** Only the data go back (runbook, "Scenario 3"), whatever else is not as in the checkpoint. */
const root = fc.record({
  root: fc.constantFrom('a', 'b', 'c'),
  policy: fc.constantFrom(...restorePolicies),
  integrity: fc.constantFrom('sound', 'corrupt', 'unknown'),
  integrityReasons: fc.constant(['seen']),
  changes: fc.record({
    differing: fc.nat(2),
    missing: fc.nat(1),
    extra: fc.nat(1),
    bytes: fc.nat(),
    changedSince: fc.constant(null),
  }),
  sources: fc.subarray(['checkpoint', 'git', 'backup'] as const),
  disagreements: fc.constant([]),
  choice: fc.constantFrom(null, 'leave'),
  migrated: fc.boolean(),
});

const user = fc.record({
  id: fc.uuid(),
  service: fc.constant('s'),
  alive: fc.boolean(),
  running: fc.boolean(),
  roots: fc.subarray(['a', 'b', 'c']),
  usesChangedFiles: fc.boolean(),
});

const facts: fc.Arbitrary<RecoveryFacts> = fc.record({
  scenario: fc.constant('data-migration'),
  roots: fc.uniqueArray(root, { selector: (one) => one.root }),
  repository: fc.record({
    commit: fc.constant('f'.repeat(40)),
    ref: fc.constant('tag'),
    head: fc.constant('0'.repeat(40)),
    operation: fc.constantFrom(null, 'merge'),
    differing: fc.nat(3),
    bytes: fc.nat(),
    refusals: fc.constant([]),
  }),
  stable: fc.record({
    containers: fc.array(user),
    missing: fc.subarray(['s']),
    drift: fc.constant([{ service: 's', what: 'image', reason: 'another image' } as const]),
    pins: fc.constant({}),
    stopInEmergency: fc.constantFrom('when-needed', 'always'),
  }),
  experiment: fc.array(user),
});

it('never touches repository or images, and puts back only what the migration changes', () => {
  fc.assert(
    fc.property(facts, (given) => {
      const plan = decideRecovery(given);
      expect(plan.repository.returns).toBe(false);
      expect(plan.recreate).toEqual([]);
      expect(plan.steps.map(({ step }) => step)).not.toContain('startStableOnPins');
      for (const { root: name } of plan.roots.filter(({ action }) => action === 'put-back')) {
        const one = given.roots.find((each) => each.root === name);
        expect(one?.migrated).toBe(true);
        expect(one?.policy).not.toBe('never');
        expect(one?.choice).not.toBe('leave');
      }
    }),
  );
});

it('stops exactly what lives and uses the data that go back, of both systems, and starts the same again', () => {
  fc.assert(
    fc.property(facts, (given) => {
      const plan = decideRecovery(given);
      const back = plan.roots.filter(({ action }) => action === 'put-back').map(({ root: name }) => name);
      const users = [...given.stable.containers, ...(given.experiment ?? [])].filter(
        ({ alive, roots }) => alive && roots.some((name) => back.includes(name)),
      );
      expect([...plan.stopForData].sort()).toEqual(users.map(({ id }) => id).sort());
      expect(plan.steps.some(({ step }) => step === 'startDataUsers')).toBe(users.length > 0);
      const order = plan.steps.map(({ step }) => step);
      if (back.length > 0) {
        expect(order[0]).toBe('makeSafetyCopy');
        expect(order.indexOf('verifyData')).toBeGreaterThan(order.lastIndexOf('restoreData'));
      }
    }),
  );
});
