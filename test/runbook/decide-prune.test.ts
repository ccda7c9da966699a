import { describe, expect, it } from 'vitest';
import { decidePrune, pruneWish, type ShelvedCheckpoint } from '../../runbook/decide-prune.ts';

const sealed = (id: string, day: number, ref = 'v1'): ShelvedCheckpoint => ({
  id,
  createdAt: `2026-01-0${day}T00:00:00.000Z`,
  ref,
  state: 'sealed',
});

const shelf = [sealed('a', 1, 'v0'), sealed('b', 2), sealed('c', 3), sealed('d', 4, 'v2'), sealed('e', 5, 'v2')];

function kept(keep: number, targetRef: string, open: Parameters<typeof pruneWish>[2] = []) {
  const fates = decidePrune(shelf, pruneWish(keep, targetRef, open));
  expect(fates.map(({ id }) => id)).toEqual(shelf.map(({ id }) => id));
  return Object.fromEntries(fates.filter(({ fate }) => fate === 'keep').map(({ id, reasons }) => [id, reasons]));
}

describe('pruning', () => {
  it('keeps the newest, and of the target ref the one that a rollback would use', () => {
    expect(kept(2, 'v1')).toEqual({
      c: ['the target would go back to it'],
      d: ['one of the newest 2'],
      e: ['one of the newest 2'],
    });
    expect(kept(1, 'v2')).toEqual({ e: ['the target would go back to it', 'the newest'] });
  });

  it('keeps the newest one even where nobody wants any', () => {
    expect(Object.keys(kept(0, 'none'))).toEqual(['e']);
  });

  it('keeps what an open rollback has in its plans, and what it would look for', () => {
    const open = [
      { rollbackId: 'r1', checkpoints: ['b'], ref: 'v1' },
      { rollbackId: 'r2', checkpoints: [], ref: 'v0' },
    ];
    expect(kept(1, 'v2', open)).toMatchObject({
      a: ['the open rollback r2 would go back to it'],
      b: ['the open rollback r1 names it'],
      c: ['the open rollback r1 would go back to it'],
    });
  });

  it('frees what was never sealed, and leaves a damaged record to a person', () => {
    const odd: readonly ShelvedCheckpoint[] = [
      { id: 'half', createdAt: null, ref: null, state: 'unsealed' },
      { id: 'torn', createdAt: null, ref: null, state: 'damaged' },
    ];
    expect(decidePrune(odd, pruneWish(3, 'v1', [])).map(({ fate }) => fate)).toEqual(['free', 'keep']);
    const named = [{ rollbackId: 'r1', checkpoints: ['half'], ref: null }];
    expect(decidePrune(odd, pruneWish(3, 'v1', named))[0]?.fate).toBe('keep');
  });
});
