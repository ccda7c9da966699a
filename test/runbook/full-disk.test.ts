import { describe, expect, it } from 'vitest';
import { ballastBytes, clearBytes, evidenceShare, rungsOf } from '../../runbook/full-disk.ts';
import { rowOf, type StepName, steps } from '../../runbook/steps.ts';

const mebibyte = 1024 * 1024;
const all = Object.keys(steps) as readonly StepName[];

describe('the ladder of a full disk', () => {
  it('never gives the ballast to evidence', () => {
    const evidence = all.filter((step) => rungsOf(step).includes('less-evidence'));
    expect(evidence).toContain('captureLiveLogs');
    for (const step of evidence) expect(rungsOf(step)).not.toContain('free-ballast');
  });

  it('needs no space to contain, to stop and to serve', () => {
    for (const step of ['containExperiment', 'stopExperiment', 'startStable'] as const) {
      expect(rungsOf(step)).toEqual(['free-ballast', 'in-memory']);
    }
  });

  it('never destroys anything without a journal on the disk', () => {
    for (const step of all) if (rowOf(step).effect === 'destroys') expect(rungsOf(step)).not.toContain('in-memory');
  });

  it('moves aside before the ballast is given up, and asks a person last', () => {
    expect(rungsOf('makeSafetyCopy')).toEqual(['move-aside', 'free-ballast', 'ask']);
    expect(rungsOf('restoreData').at(-1)).toBe('ask');
    // What a stop would delete is no evidence that may be left out.
    expect(rungsOf('captureDoomedContainers')).toContain('ask');
  });
});

describe('shares of a small disk', () => {
  it('evidence gets half of what is free beyond the clear space, shared out, and never more than it wants', () => {
    expect(evidenceShare(100 * mebibyte, clearBytes + 40 * mebibyte, 2)).toBe(10 * mebibyte);
    expect(evidenceShare(5 * mebibyte, clearBytes + 40 * mebibyte, 2)).toBe(5 * mebibyte);
    expect(evidenceShare(5 * mebibyte, clearBytes - 1, 2)).toBe(0);
    expect(evidenceShare(5 * mebibyte, clearBytes + 2 * mebibyte, 0)).toBe(mebibyte);
  });

  it('the ballast is an eighth of what is free, within bounds, and none where it would not help', () => {
    expect(ballastBytes(100_000 * mebibyte)).toBe(64 * mebibyte);
    expect(ballastBytes(256 * mebibyte)).toBe(32 * mebibyte);
    expect(ballastBytes(63 * mebibyte)).toBeNull();
  });
});
