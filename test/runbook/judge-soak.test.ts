import { describe, expect, it } from 'vitest';
import { judgeSoak, type Sighting, type SoakObservation } from '../../runbook/judge-soak.ts';

const rule = { answers: 3, overMs: 2_000 };

const lightrag: Sighting = {
  name: 'lightrag',
  id: 'a1',
  running: true,
  startedAt: '2026-02-03T10:00:00Z',
  restartCount: 0,
  oomKilled: false,
  unhealthy: false,
};

function look(atMs: number, change: Partial<Sighting> = {}, answer = { good: true, said: '200' }): SoakObservation {
  return { atMs, containers: [{ ...lightrag, ...change }], missing: [], answer };
}

describe('a soak', () => {
  it('is steady after enough good answers in a row over enough time', () => {
    expect(judgeSoak([look(0), look(1_000), look(2_000)], rule)).toMatchObject({
      steady: true,
      answers: 3,
      overMs: 2_000,
    });
  });

  it('is not steady when the answers came faster than the time asked for', () => {
    expect(judgeSoak([look(0), look(10), look(20), look(30)], rule).steady).toBe(false);
  });

  it('is not steady with fewer answers than asked for, however long it took', () => {
    expect(judgeSoak([look(0), look(60_000)], rule).steady).toBe(false);
  });

  it('begins anew after a bad answer, and says what it was', () => {
    const bad = look(1_000, {}, { good: false, said: 'status 503 instead of 200' });
    const judged = judgeSoak([look(0), bad, look(2_000), look(3_000)], rule);
    expect(judged).toMatchObject({ steady: false, answers: 2 });
    expect(judged.reason).toContain('status 503');
  });

  it('sees a crash loop through looks that all read running', () => {
    const looping = [0, 1, 2, 3, 4].map((n) =>
      look(n * 1_000, { startedAt: `2026-02-03T10:00:0${n}Z`, restartCount: n }),
    );
    const judged = judgeSoak(looping, rule);
    expect(judged).toMatchObject({ steady: false, answers: 1 });
    expect(judged.reason).toContain('lightrag was restarted');
  });

  it('begins anew when a container of the same name is another one', () => {
    expect(judgeSoak([look(0), look(1_000), look(2_000, { id: 'b2' })], rule)).toMatchObject({
      steady: false,
      answers: 1,
    });
  });

  it.each([
    ['does not run', { running: false }],
    ['was killed for want of memory', { oomKilled: true }],
    ['is unhealthy by its own health check', { unhealthy: true }],
  ] as const)('is not steady while a container %s', (said, change) => {
    const judged = judgeSoak([look(0), look(1_000), look(2_000, change)], rule);
    expect(judged).toMatchObject({ steady: false, answers: 0 });
    expect(judged.reason).toBe(`lightrag ${said}`);
  });

  it('is not steady when a service has no container, whoever answers the probe', () => {
    const judged = judgeSoak(
      [0, 1_000, 2_000].map((at) => ({ ...look(at), missing: ['store'] })),
      rule,
    );
    expect(judged).toMatchObject({ steady: false, reason: 'no container of store' });
  });

  it('is not steady when there is no container at all', () => {
    expect(
      judgeSoak(
        [0, 1_000, 2_000].map((at) => ({ ...look(at), containers: [] })),
        rule,
      ).steady,
    ).toBe(false);
  });

  it('is not steady when nothing was looked at', () => {
    expect(judgeSoak([], rule).steady).toBe(false);
  });
});
