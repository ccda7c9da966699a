import { describe, expect, it } from 'vitest';
import { decidePruneKept } from '../../runbook/decide-prune-kept.ts';

const hourMs = 3_600_000;

describe('what prune may free', () => {
  it.each([
    ['committed', 2 * hourMs, true],
    ['undone', 2 * hourMs, true],
    ['committed', hourMs / 2, false],
    ['closed', 100 * hourMs, false],
    ['left open for resume', 100 * hourMs, false],
    ['undo begun', 100 * hourMs, false],
    ['started', 100 * hourMs, false],
    [undefined, 100 * hourMs, false],
  ] as const)('of one that is %s, %d ms old: %s', (standing, ageMs, free) => {
    const [decision] = decidePruneKept([{ rollbackId: 'r', standing, ageMs }], hourMs);
    expect(decision).toMatchObject({ rollbackId: 'r', free });
    expect(decision?.reason).not.toBe('');
  });
});
