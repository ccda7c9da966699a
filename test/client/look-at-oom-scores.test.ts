import { describe, expect, it } from 'vitest';
import { judgeOomScores } from '../../client/look-at-oom-scores.ts';

describe('what doctor says of a lack of memory', () => {
  it('is good when both processes have a low score, whoever may lower it', () => {
    const living = [
      { what: 'server', score: -800 },
      { what: 'worker', score: -1000 },
    ];
    expect(judgeOomScores(living, false)).toEqual({
      status: 'ok',
      detail: 'OOM score server -800, worker -1000',
      remedy: null,
    });
  });

  it('is weak when one has none and this account may not lower it, and names the way out', () => {
    const living = [
      { what: 'server', score: -800 },
      { what: 'worker', score: 0 },
    ];
    const seen = judgeOomScores(living, false);
    expect(seen.status).toBe('weak');
    expect(seen.detail).toContain('worker 0; this account may not lower it');
    expect(seen.remedy).toContain('rollback service');
  });

  it('is weak when it could be lowered and was not: they were started by another account', () => {
    const seen = judgeOomScores([{ what: 'worker', score: 0 }], true);
    expect(seen).toMatchObject({ status: 'weak', remedy: expect.stringContaining('rollback up') });
  });

  it('tells before anything runs what it will be', () => {
    expect(judgeOomScores([], true).status).toBe('ok');
    expect(judgeOomScores([], false).status).toBe('weak');
    expect(judgeOomScores([], undefined).status).toBe('unknown');
  });
});
