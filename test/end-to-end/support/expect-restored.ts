import { expect } from 'vitest';
import type { Judgement } from '../../../contract/records.ts';
import { type ChecklistItemId, checklistIds, itemOf } from '../../../runbook/checklist.ts';
import type { Ended, Operator } from './operator.ts';

/** What a machine that others use at the same time may spoil; tests time nothing, and the product says it as it is. */
const measuredInTime: readonly ChecklistItemId[] = [
  'response-times',
  'response-time-limit',
  'memory-limit',
  'cpu-limit',
  'log-errors',
];

/**
 * The command ended well, and the judgement proves every required item; only items of speed may be open.
 * @param notApplicable items for which the target declares nothing, and no others
 */
export function expectRestored(
  operator: Pick<Operator, 'judgement'>,
  ended: Ended,
  notApplicable: readonly ChecklistItemId[] = [],
): Judgement {
  const judgement = operator.judgement();
  expect(notApplicableOf(judgement), ended.text).toEqual(notApplicable);
  const open = judgement.items.filter(({ status }) => status !== 'pass' && status !== 'not-applicable');
  const wrong = open.filter(({ id }) => !measuredInTime.some((item) => item === id));
  expect(wrong, ended.text).toEqual([]);
  expect(judgement.items.filter(({ status }) => status === 'pass').length).toBeGreaterThanOrEqual(
    checklistIds.filter(isOfFull).length - measuredInTime.length - notApplicable.length,
  );
  expect(judgement.reasons.length, judgement.reasons.join('\n')).toBe(open.length);
  expect(ended.code, ended.text).toBe(open.length === 0 ? 0 : 3);
  return judgement;
}

/** Ids of the items that the target declares nothing for. */
export function notApplicableOf({ items }: Judgement): readonly string[] {
  return items.filter(({ id, status }) => status === 'not-applicable' && isOfFull(id)).map(({ id }) => id);
}

/** Items of partial rollbacks alone never apply to a whole one. */
function isOfFull(id: string): boolean {
  return checklistIds.some((known) => known === id && itemOf(known).scopes.includes('full'));
}
