import { describe, expect, it } from 'vitest';
import { awayMs, judgeTimeout, mayScheduleAgain, schedulesOfRow, type Unanswered } from '../../runbook/timeouts.ts';

const times = (count: number, why: Unanswered): Unanswered[] => Array.from({ length: count }, () => why);

describe('a row that was not answered is scheduled again', () => {
  it('until its own time ran out three times', () => {
    expect(schedulesOfRow).toEqual({ afterOwnTime: 3, inAll: 8 });
    expect([0, 1, 2, 3, 4].map((count) => mayScheduleAgain(times(count, 'own-time')))).toEqual([
      true,
      true,
      true,
      false,
      false,
    ]);
  });

  it('for workers that died under it until eight schedules are used up: they say nothing about the step', () => {
    expect(mayScheduleAgain(times(7, 'nobody-there'))).toBe(true);
    expect(mayScheduleAgain(times(8, 'nobody-there'))).toBe(false);
  });

  it('so that a worker that dies does not use up the tries of the step itself', () => {
    const deaths = times(4, 'nobody-there');
    expect(mayScheduleAgain([...deaths, ...times(2, 'own-time')])).toBe(true);
    expect(mayScheduleAgain([...deaths, ...times(3, 'own-time')])).toBe(false);
    expect(mayScheduleAgain([...times(2, 'own-time'), ...times(6, 'nobody-there')])).toBe(false);
  });
});

describe('a time that ran out', () => {
  it('is the own time of the step when it was noticed as it ran out, with a sign of life before', () => {
    expect(judgeTimeout({ silent: false, lateMs: 0 })).toBe('own-time');
    expect(judgeTimeout({ silent: false, lateMs: awayMs })).toBe('own-time');
  });

  it('says nothing of the step when its worker had fallen silent, or when it was noticed only after an outage', () => {
    expect(judgeTimeout({ silent: true, lateMs: -10_000 })).toBe('nobody-there');
    expect(judgeTimeout({ silent: false, lateMs: awayMs + 1 })).toBe('nobody-there');
  });
});
