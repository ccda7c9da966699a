import { expect } from 'vitest';
import type { Judgement } from '../../../contract/records.ts';
import type { ChecklistItemId } from '../../../runbook/checklist.ts';
import type { Ended, Practice } from './practice.ts';

/** What a machine that others use at the same time may spoil; tests time nothing, and the product says it as it is. */
const measuredInTime: readonly ChecklistItemId[] = [
  'response-times',
  'response-time-limit',
  'memory-limit',
  'cpu-limit',
  'log-errors',
];

/** The command ended well, and the judgement proves every required item; only items of speed may be open. */
export function expectRestored(practice: Practice, ended: Ended): Judgement {
  const judgement = practice.judgement();
  const open = judgement.items.filter(({ status }) => status !== 'pass');
  const wrong = open.filter(({ id }) => !measuredInTime.some((item) => item === id));
  expect(wrong, ended.text).toEqual([]);
  expect(judgement.items.filter(({ status }) => status === 'pass').length).toBeGreaterThanOrEqual(14);
  expect(judgement.reasons.length, judgement.reasons.join('\n')).toBe(open.length);
  expect(ended.code, ended.text).toBe(open.length === 0 ? 0 : 3);
  return judgement;
}
