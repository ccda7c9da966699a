import { expect, it } from 'vitest';
import { checklist, checklistIds, itemOf } from '../../runbook/checklist.ts';

it('has as many items as the runbook in each of its groups, and those of a rollback itself', () => {
  const counts = new Map<string, number>();
  for (const id of checklistIds) counts.set(itemOf(id).group, (counts.get(itemOf(id).group) ?? 0) + 1);
  expect(Object.fromEntries(counts)).toEqual({
    'System Health': 5,
    'Data Integrity': 4,
    Performance: 4,
    'User Experience': 4,
    Rollback: 5,
  });
});

it('names each item once, by an id that never changes: targets and recorded judgements hold it', () => {
  expect(checklistIds).toEqual(Object.keys(checklist));
  for (const id of checklistIds) expect(id).toMatch(/^[a-z]+(-[a-z]+)*$/);
  expect(new Set(checklistIds.map((id) => itemOf(id).title)).size).toBe(checklistIds.length);
  expect([...checklistIds].sort()).toEqual([
    'agent-coordination',
    'agents-operational',
    'backups-verified',
    'basic-queries',
    'complex-queries',
    'cpu-limit',
    'data-present',
    'data-uncorrupted',
    'error-rate',
    'experiment-out',
    'experiment-runs',
    'git-clean',
    'load-reduced',
    'log-errors',
    'memory-limit',
    'no-user-errors',
    'response-time-limit',
    'response-times',
    'skills-discoverable',
    'stable-images',
    'stable-running',
    'traffic-to-stable',
  ]);
});

it('says of each item what measures it', () => {
  for (const id of checklistIds) expect(itemOf(id).measurement.length, id).toBeGreaterThan(20);
});

it('requires what users and data need, and makes only limits and backups optional', () => {
  expect(checklistIds.filter((id) => !itemOf(id).required)).toEqual([
    'response-times',
    'log-errors',
    'backups-verified',
    'response-time-limit',
    'memory-limit',
    'cpu-limit',
  ]);
});
