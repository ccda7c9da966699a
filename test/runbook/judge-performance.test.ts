import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  judgeErrorRate,
  judgeLogErrors,
  judgeNormalRange,
  judgePerformance,
  median,
  spreadOf,
} from '../../runbook/judge-performance.ts';

const asked = { what: 'response time', unit: 'ms', limit: { share: 0.1, floor: 20 } } as const;

describe('a performance limit', () => {
  it('passes at baseline plus limit plus the spread of the baseline, and fails just above', () => {
    const baseline = { median: 1_000, spread: 50 };
    expect(judgePerformance({ ...asked, measured: { median: 1_150, spread: 0 }, baseline }).status).toBe('pass');
    expect(judgePerformance({ ...asked, measured: { median: 1_151, spread: 0 }, baseline }).status).toBe('fail');
  });

  it('does not fail over a difference below the absolute floor', () => {
    const baseline = { median: 2, spread: 0 };
    expect(judgePerformance({ ...asked, measured: { median: 21, spread: 0 }, baseline }).status).toBe('pass');
    expect(judgePerformance({ ...asked, measured: { median: 23, spread: 0 }, baseline }).status).toBe('fail');
  });

  it('is unknown without samples, so that zeros of a stopped container meet no limit', () => {
    expect(judgePerformance({ ...asked, measured: null, baseline: { median: 10, spread: 0 } }).status).toBe('unknown');
  });

  it('is unknown without a baseline', () => {
    expect(judgePerformance({ ...asked, measured: { median: 10, spread: 0 }, baseline: null }).status).toBe('unknown');
  });

  it('never fails what is not above the baseline', () => {
    const number = fc.double({ min: 0, max: 1e9, noNaN: true });
    fc.assert(
      fc.property(number, number, number, (base, spread, share) => {
        const baseline = { median: base, spread };
        const measured = { median: base * Math.min(1, share), spread: 0 };
        expect(judgePerformance({ ...asked, measured, baseline }).status).toBe('pass');
      }),
    );
  });

  it('says numbers a human can read', () => {
    const baseline = { median: 100 * 2 ** 20, spread: 0 };
    const limit = { share: 0.2, floor: 0 };
    const measured = { median: 130 * 2 ** 20, spread: 0 };
    expect(judgePerformance({ what: 'memory', unit: 'bytes', measured, baseline, limit })).toEqual({
      status: 'fail',
      measured: 'memory: median 130 MiB, baseline 100 MiB, allowed up to 120 MiB',
    });
  });
});

describe('the error rate', () => {
  it('passes without errors, and fails above the baseline', () => {
    expect(judgeErrorRate(0, null).status).toBe('pass');
    expect(judgeErrorRate(0.05, 0).status).toBe('fail');
    expect(judgeErrorRate(0.05, 0.05).status).toBe('pass');
  });

  it('is unknown when errors were seen and there is no baseline, or nothing was asked', () => {
    expect(judgeErrorRate(0.05, null).status).toBe('unknown');
    expect(judgeErrorRate(null, 0).status).toBe('unknown');
  });
});

describe('errors in the logs', () => {
  it('are a spike above twice the baseline and more than a line a minute', () => {
    expect(judgeLogErrors(1, 0).status).toBe('pass');
    expect(judgeLogErrors(1.5, 0).status).toBe('fail');
    expect(judgeLogErrors(19, 10).status).toBe('pass');
    expect(judgeLogErrors(21, 10).status).toBe('fail');
  });

  it('are unknown when the logs could not be read', () => {
    expect(judgeLogErrors(null, 0).status).toBe('unknown');
  });
});

describe('the normal range', () => {
  it('ends at five times the baseline', () => {
    const baseline = { median: 100, spread: 0 };
    expect(judgeNormalRange({ median: 499, spread: 0 }, baseline, 20).status).toBe('pass');
    expect(judgeNormalRange({ median: 501, spread: 0 }, baseline, 20).status).toBe('fail');
  });
});

describe('the median', () => {
  it('is the middle value, or the mean of the two middle ones', () => {
    expect(median([3, 1, 2])).toBe(2);
    expect(median([4, 1, 2, 3])).toBe(2.5);
  });

  it('is not moved by one outlier, nor is the spread of twenty samples', () => {
    const steady = Array.from({ length: 19 }, () => 10);
    expect(spreadOf([...steady, 5_000])).toEqual({ median: 10, spread: 0 });
  });
});
