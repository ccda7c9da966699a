import { describe, expect, it } from 'vitest';
import { decideContainer, judgeUndo } from '../../runbook/decide-undo.ts';

const container = (state: string, name = 'always') => ({ state, restartPolicy: { name } });
const now = (state: string | null, over: object = {}) => ({
  ...{ state, restartPolicy: { name: 'always' }, keptWhole: false, cutNetworks: 0 },
  ...over,
});

describe('what brings a container back', () => {
  it.each([
    ['running', 'running', []],
    ['running', 'exited', ['start']],
    ['running', 'paused', ['unpause']],
    ['restarting', 'exited', ['start']],
    ['paused', 'exited', ['start', 'pause']],
    ['paused', 'running', ['pause']],
    ['exited', 'running', ['stop']],
    ['created', 'exited', []],
  ] as const)('one that was %s and is %s', (was, is, acts) => {
    expect(decideContainer(container(was), now(is))).toEqual({ acts, exception: null });
  });

  it('gives networks and policy back before it is started', () => {
    const changed = now('exited', { restartPolicy: { name: 'no' }, cutNetworks: 2 });
    expect(decideContainer(container('running'), changed).acts).toEqual(['connect', 'set-policy', 'start']);
  });

  it('makes one again that is gone, where it was captured, and says so', () => {
    const captured = decideContainer(container('running'), now(null, { keptWhole: true }));
    expect(captured.acts).toEqual(['recreate', 'start']);
    expect(captured.exception).toContain('new id');
    expect(decideContainer(container('running'), now(null))).toMatchObject({ acts: [] });
    expect(decideContainer(container('running'), now(null)).exception).toContain('nothing of it was captured');
  });
});

describe('the verdict of an undo', () => {
  const nothing = { failed: [], wrong: [], unknown: [], exceptions: [] };

  it.each([
    [nothing, 'undone'],
    [{ ...nothing, exceptions: ['a'] }, 'undone-with-exceptions'],
    [{ ...nothing, exceptions: ['a'], unknown: ['b'] }, 'not-proven'],
    [{ ...nothing, unknown: ['b'], wrong: ['c'] }, 'failed'],
    [{ ...nothing, failed: ['d'] }, 'failed'],
  ] as const)('of %j is %s', (seen, verdict) => {
    expect(judgeUndo(seen).verdict).toBe(verdict);
    expect(judgeUndo(seen).reasons).toEqual([...seen.failed, ...seen.wrong, ...seen.unknown, ...seen.exceptions]);
  });
});
