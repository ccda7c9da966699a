import { describe, expect, it } from 'vitest';
import { type ChecklistItemId, checklistIds, itemOf } from '../../runbook/checklist.ts';
import { type Evidence, judge, type Measurement } from '../../runbook/judge.ts';

const pass: Measurement = { status: 'pass', measured: 'seen' };

function evidence(change: Partial<Record<ChecklistItemId, Measurement>> = {}): Evidence {
  const all = Object.fromEntries(checklistIds.map((id) => [id, pass]));
  return { measured: { ...all, ...change }, exceptions: [], checkpointRecorded: true, outOfScope: {} };
}

describe('the verdict', () => {
  it('is restored when everything was measured and passed', () => {
    expect(judge(evidence())).toMatchObject({ verdict: 'restored', reasons: [] });
  });

  it.each(checklistIds.filter((id) => itemOf(id).required))('is failed when %s failed', (id) => {
    const judged = judge(evidence({ [id]: { status: 'fail', measured: 'it is broken' } }));
    expect(judged.verdict).toBe('failed');
    expect(judged.reasons).toEqual([`${itemOf(id).title}: failed, it is broken`]);
  });

  it.each(checklistIds.filter((id) => itemOf(id).required))('is not proven when %s is unknown', (id) => {
    expect(judge(evidence({ [id]: { status: 'unknown', measured: 'no answer' } })).verdict).toBe('not-proven');
  });

  it.each(checklistIds.filter((id) => !itemOf(id).required))('has an exception when %s failed', (id) => {
    const judged = judge(evidence({ [id]: { status: 'fail', measured: 'slow' } }));
    expect(judged.verdict).toBe('restored-with-exceptions');
  });

  it('counts what nobody measured as unknown', () => {
    const judged = judge({ measured: {}, exceptions: [], checkpointRecorded: true, outOfScope: {} });
    expect(judged.verdict).toBe('not-proven');
    expect(judged.items).toHaveLength(checklistIds.length);
  });

  it('is failed rather than not proven when both are there, and says the failure first', () => {
    const judged = judge(
      evidence({
        'stable-running': { status: 'unknown', measured: 'no Docker' },
        'basic-queries': { status: 'fail', measured: 'wrong answer' },
        'cpu-limit': { status: 'fail', measured: 'busy' },
      }),
    );
    expect(judged.verdict).toBe('failed');
    expect(judged.reasons.map((reason) => reason.split(':')[0])).toEqual([
      itemOf('basic-queries').title,
      itemOf('stable-running').title,
      itemOf('cpu-limit').title,
    ]);
  });

  it('tells exceptions that are no items', () => {
    const judged = judge({ ...evidence(), exceptions: ['sources disagree about agent/x.json'] });
    expect(judged).toMatchObject({
      verdict: 'restored-with-exceptions',
      reasons: ['sources disagree about agent/x.json'],
    });
  });

  it('is at most restored with exceptions without a recorded checkpoint, whatever passed', () => {
    expect(judge({ ...evidence(), checkpointRecorded: false }).verdict).toBe('restored-with-exceptions');
  });

  it('does not fail for want of a checkpoint what only a checkpoint could tell', () => {
    const unknown = { status: 'unknown', measured: 'nobody recorded the skills', needsCheckpoint: true } as const;
    const seen = evidence({ 'skills-discoverable': unknown });
    expect(judge({ ...seen, checkpointRecorded: false }).verdict).toBe('restored-with-exceptions');
    expect(judge(seen).verdict).toBe('not-proven');
  });

  it('is still failed without a checkpoint when something else that is required failed', () => {
    const broken = evidence({ 'basic-queries': { status: 'fail', measured: 'wrong answer' } });
    expect(judge({ ...broken, checkpointRecorded: false }).verdict).toBe('failed');
  });

  it('takes an item that does not apply neither for proven nor for open, and says why', () => {
    const judged = judge({ ...evidence(), measured: {}, outOfScope: { 'agents-operational': 'there are no agents' } });
    expect(judged.items.find(({ id }) => id === 'agents-operational')).toEqual({
      id: 'agents-operational',
      status: 'not-applicable',
      measured: 'there are no agents',
      required: false,
    });
    expect(judged.reasons.join('\n')).not.toContain(itemOf('agents-operational').title);
    expect(judge({ ...evidence(), outOfScope: { 'agents-operational': 'none' } }).verdict).toBe('restored');
  });
});
