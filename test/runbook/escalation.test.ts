import { describe, expect, it } from 'vitest';
import { type BusinessHours, isWithin, nextWithin } from '../../runbook/business-hours.ts';
import { type Rung, rungsFrom, turnOf } from '../../runbook/escalation.ts';

const berlin: BusinessHours = {
  days: ['mon', 'tue', 'wed', 'thu', 'fri'],
  from: '09:00',
  to: '17:00',
  timeZone: 'Europe/Berlin',
};
const at = (iso: string): number => Date.parse(iso);

describe('business hours', () => {
  it.each([
    ['2026-01-05T08:00:00Z', true, 'a Monday, nine o’clock in winter'],
    ['2026-01-05T07:59:00Z', false, 'a minute earlier'],
    ['2026-01-05T15:59:00Z', true, 'a minute before the end'],
    ['2026-01-05T16:00:00Z', false, 'the end itself'],
    ['2026-07-06T07:00:00Z', true, 'nine o’clock in summer'],
    ['2026-01-04T12:00:00Z', false, 'a Sunday'],
  ])('%s is within: %s (%s)', (iso, within) => {
    expect(isWithin(berlin, at(iso))).toBe(within);
  });

  it.each([
    ['2026-01-05T12:34:56Z', '2026-01-05T12:34:56Z', 'within them: at once'],
    ['2026-01-02T20:00:30Z', '2026-01-05T08:00:00Z', 'a Friday evening: on Monday'],
    ['2026-03-27T20:00:00Z', '2026-03-30T07:00:00Z', 'over the change to summer time'],
    ['2026-10-23T20:00:00Z', '2026-10-26T08:00:00Z', 'over the change to winter time'],
  ])('after %s they begin at %s (%s)', (from, next) => {
    expect(nextWithin(berlin, at(from))).toBe(at(next));
  });

  it('finds a beginning that is no full hour, to the minute', () => {
    const odd = { ...berlin, from: '09:17', to: '09:24' };
    expect(nextWithin(odd, at('2026-01-05T07:00:00Z'))).toBe(at('2026-01-05T08:17:00Z'));
  });
});

const rung = (level: number, more: Partial<Rung> = {}): Rung => ({
  level,
  name: `L${level}`,
  notify: [`channel-${level}`],
  acknowledgeMs: 600_000,
  repeats: 1,
  businessHours: null,
  ...more,
});

describe('the ladder', () => {
  it('begins at the wanted level, in order, with those who can be called', () => {
    const rungs = [rung(3), rung(1), rung(2, { notify: [] })];
    expect(rungsFrom(rungs, 1).map(({ level }) => level)).toEqual([1, 3]);
    expect(rungsFrom(rungs, 2).map(({ level }) => level)).toEqual([3]);
  });

  it('calls the highest level there is when none is as high as wanted', () => {
    expect(rungsFrom([rung(1)], 2).map(({ level }) => level)).toEqual([1]);
    expect(rungsFrom([rung(1, { notify: [] })], 1)).toEqual([]);
  });

  const night = at('2026-01-05T03:00:00Z');
  const morning = at('2026-01-05T08:00:00Z');

  it('calls whoever can be reached at any time', () => {
    expect(turnOf(rung(1), night, false)).toEqual({ kind: 'call' });
  });

  it('leaves a level out or waits for it outside its hours, as configured', () => {
    const skips = rung(2, { businessHours: { ...berlin, outside: 'skip' } });
    expect(turnOf(skips, night, false)).toEqual({
      kind: 'skip',
      why: 'L2 can be reached from 09:00 to 17:00 (Europe/Berlin) only',
    });
    expect(turnOf(skips, morning, false)).toEqual({ kind: 'call' });
    const waits = rung(2, { businessHours: { ...berlin, outside: 'wait' } });
    expect(turnOf(waits, night, false)).toEqual({ kind: 'wait', untilMs: morning });
  });

  it('never leaves the last level out: somebody must be called', () => {
    expect(turnOf(rung(3, { businessHours: { ...berlin, outside: 'skip' } }), night, true)).toEqual({ kind: 'call' });
    expect(turnOf(rung(3, { businessHours: { ...berlin, outside: 'wait' } }), night, true)).toEqual({ kind: 'call' });
  });
});
