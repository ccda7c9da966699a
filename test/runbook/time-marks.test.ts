import { expect, it } from 'vitest';
import { lastPassed, timeMarks } from '../../runbook/time-marks.ts';

const minute = 60_000;
const marks = timeMarks({ from: 0, targetAt: 60 * minute, maximumAt: 240 * minute });

it('marks half of the target, the target, a time before the maximum, and the maximum', () => {
  expect(marks.map(({ event, at }) => [event, at / minute])).toEqual([
    ['half-time', 30],
    ['target-passed', 60],
    ['maximum-near', 216],
    ['maximum-passed', 240],
  ]);
});

it('calls people at the target and at the maximum, and offers the emergency path before it is too late', () => {
  expect(marks.filter(({ calls }) => calls !== null).map(({ event }) => event)).toEqual([
    'target-passed',
    'maximum-passed',
  ]);
  expect(marks.filter(({ offersEmergency }) => offersEmergency).map(({ event }) => event)).toEqual([
    'maximum-near',
    'maximum-passed',
  ]);
});

it.each([
  [29, -1],
  [30, 0],
  [100, 1],
  [10_000, 3],
])('after %i minutes the last mark that has passed is number %i', (minutes, index) => {
  expect(lastPassed(marks, minutes * minute)).toBe(index);
});

it('keeps the order of time when target and maximum are the same', () => {
  const same = timeMarks({ from: 0, targetAt: 10 * minute, maximumAt: 10 * minute });
  expect(same.map(({ at }) => at / minute)).toEqual([5, 9, 10, 10]);
});
