import { expect, it } from 'vitest';
import { countResults } from '../../setup/count-results.mjs';
import { filesToRunAgain, unsteady, withSecondRun } from '../../setup/second-run.mjs';

const file = (name: string, ...results: readonly string[]): object => ({
  name: `/house/test/${name}`,
  status: results.every((each) => each === 'passed') && results.length > 0 ? 'passed' : 'failed',
  assertionResults: results.map((status, index) => ({ title: `t${index}`, fullName: `${name} t${index}`, status })),
});
const report = (...testResults: readonly object[]): object => ({ testResults });
const first = report(file('good', 'passed'), file('unlucky', 'passed', 'failed'), file('broken', 'failed'));
const second = report(file('unlucky', 'passed', 'passed'), file('broken', 'failed'));

it('runs failed files again, and those that could not be loaded', () => {
  expect(filesToRunAgain(first)).toEqual(['/house/test/unlucky', '/house/test/broken']);
  expect(filesToRunAgain(report(file('empty')))).toEqual(['/house/test/empty']);
  expect(filesToRunAgain(report(file('good', 'passed')))).toEqual([]);
});

it('takes many failures for what they are', () => {
  expect(filesToRunAgain(report(...['a', 'b', 'c', 'd', 'e'].map((name) => file(name, 'failed'))))).toEqual([]);
});

it('counts what failed twice as failed', () => {
  expect(countResults(withSecondRun(first, second))).toEqual({ passed: 3, failed: 1 });
});

it('names what passed only at the second try', () => {
  expect(unsteady(first, second, '/house')).toEqual(['test/unlucky: unlucky t1']);
});

it('keeps the first results when there was no second run', () => {
  expect(countResults(withSecondRun(first, undefined))).toEqual({ passed: 2, failed: 2 });
});
