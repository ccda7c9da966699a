import { expect, it } from 'vitest';
import { countResults, resultLine } from '../../setup/count-results.mjs';

const file = (status: string, ...results: readonly string[]): object => ({
  name: 'a.test.ts',
  status,
  assertionResults: results.map((each) => ({ title: each, status: each })),
});

const report = (...testResults: readonly object[]): object => ({ testResults });

it('counts what passed and what failed over all files', () => {
  const counts = countResults(report(file('passed', 'passed', 'passed'), file('failed', 'passed', 'failed')));
  expect(counts).toEqual({ passed: 3, failed: 1 });
});

it.each(['skipped', 'pending', 'todo', 'disabled'])('counts a test that is %s as failed', (status) => {
  expect(countResults(report(file('passed', 'passed', status)))).toEqual({ passed: 1, failed: 1 });
});

it('counts a file that could not be loaded as one failure', () => {
  expect(countResults(report(file('failed'), file('passed', 'passed')))).toEqual({ passed: 1, failed: 1 });
});

it('counts a file whose hook failed after its tests had passed', () => {
  expect(countResults(report(file('failed', 'passed', 'passed')))).toEqual({ passed: 2, failed: 1 });
});

it('leaves out the others when tests were chosen by name, but no failure', () => {
  const chosen = report(file('passed', 'passed', 'skipped'), file('skipped', 'skipped'), file('failed'));
  expect(countResults(chosen, { filtered: true })).toEqual({ passed: 1, failed: 1 });
});

it('counts nothing in an empty report', () => {
  expect(countResults(report())).toEqual({ passed: 0, failed: 0 });
});

it('refuses what is no report', () => {
  for (const each of [{}, null, 'text', { testResults: 3 }]) expect(() => countResults(each)).toThrow('testResults');
});

it('ends with one plain line', () => {
  expect(resultLine({ passed: 12, failed: 0 })).toBe('12 passed, 0 failed');
});
