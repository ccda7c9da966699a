import fc from 'fast-check';
import { expect, it } from 'vitest';
import { durationMs, formatDuration } from '../../runbook/duration.ts';

it.each([
  ['250ms', 250],
  ['90s', 90_000],
  ['15m', 900_000],
  ['6h', 21_600_000],
  ['1d', 86_400_000],
  ['1.5h', 5_400_000],
  [' 5m ', 300_000],
  ['0s', 0],
])('%j is read as %i ms', (text, ms) => {
  expect(durationMs(text)).toBe(ms);
});

it.each(['', '5', 'm', '5 m', '-5m', '5min', '5M', '1h30m', '1e3s', 'Infinitys', '٥m'])(
  '%j is no duration, and the refusal quotes it',
  (text) => {
    expect(() => durationMs(text)).toThrow(RangeError);
    expect(() => durationMs(text)).toThrow(JSON.stringify(text));
  },
);

it.each([
  [0, '0 s'],
  [999, '1 s'],
  [59_499, '59 s'],
  [59_500, '1 min'],
  [60_000, '1 min'],
  [90_000, '1 min 30 s'],
  [599_000, '9 min 59 s'],
  [630_000, '10 min'],
  [3_600_000, '1 h'],
  [3_725_000, '1 h 2 min'],
  [-90_000, '-1 min 30 s'],
])('%i ms are shown as %j', (ms, text) => {
  expect(formatDuration(ms)).toBe(text);
});

it('shows no unit above what it holds: never 60 s, never 60 min', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 1_000_000_000 }), (ms) => {
      expect(formatDuration(ms)).not.toMatch(/\b([6-9]\d|\d{3,}) (s|min)\b/);
    }),
  );
});
