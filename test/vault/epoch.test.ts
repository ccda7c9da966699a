import { spawn, spawnSync } from 'node:child_process';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import {
  assertFence,
  claimFence,
  type Fence,
  fenceHere,
  livingFences,
  raiseEpoch,
  readEpoch,
} from '../../vault/epoch.ts';
import { RecordDamaged, StaleAttempt } from '../../vault/errors.ts';
import { type EnvironmentLayout, environmentLayout } from '../../vault/layout.ts';
import { compiledChildren } from './compiled.ts';
import { contenders } from './contenders.ts';
import { scratch } from './fixtures.ts';

const child = compiledChildren();
const by = { rollbackId: 'r1', why: 'test', at: '2026-01-01T00:00:00.000Z' };

/** An environment at epoch 1. */
function environment(): EnvironmentLayout {
  const layout = environmentLayout(scratch(), 'lab');
  raiseEpoch(layout, by);
  return layout;
}

function token(is: Partial<Fence> = {}): Fence {
  return fenceHere({ epoch: 1, step: 'restoreData:agent', schedule: 1, attempt: 1, ...is });
}

test('an environment on which nobody acted is at epoch 0; each raise is one more and says by whom', () => {
  const layout = environmentLayout(scratch(), 'lab');
  expect(readEpoch(layout).epoch).toBe(0);
  expect([raiseEpoch(layout, by), raiseEpoch(layout, { ...by, rollbackId: 'r2' })]).toEqual([1, 2]);
  expect(readEpoch(layout)).toEqual({ epoch: 2, ...by, rollbackId: 'r2' });
});

test('processes that raise the epoch at once get different ones', async () => {
  const folder = scratch();
  const told = await contenders(['a', 'b', 'c', 'd'], (name) =>
    spawn(process.execPath, [child('contend'), 'epoch', folder, name], { stdio: ['pipe', 'pipe', 'inherit'] }),
  );
  expect(told.sort()).toEqual(['1', '2', '3', '4']);
});

test('after a raise every act of the lower epoch is stale, and cannot claim again', () => {
  const layout = environment();
  const mine = token();
  expect(claimFence(layout, mine)).toEqual({ kind: 'claimed' });
  assertFence(layout, mine);
  raiseEpoch(layout, by);
  expect(() => assertFence(layout, mine)).toThrow(StaleAttempt);
  expect(() => assertFence(layout, mine)).toThrow(/epoch 1, schedule 1, attempt 1\) is superseded by epoch 2/);
  expect(claimFence(layout, mine)).toEqual({ kind: 'stale', newer: 2 });
});

test('a token of an epoch that is not reached yet is stale too', () => {
  expect(claimFence(environment(), token({ epoch: 2 }))).toEqual({ kind: 'stale', newer: 1 });
});

test.each([
  ['attempt', { attempt: 1 }, { attempt: 2 }],
  ['schedule, whatever its attempt', { schedule: 1, attempt: 9 }, { schedule: 2, attempt: 1 }],
])('of two attempts in one process the older %s stops as soon as the newer has claimed', (_, lower, higher) => {
  const layout = environment();
  const [older, newer] = [token(lower), token(higher)];
  claimFence(layout, older);
  expect(claimFence(layout, newer)).toEqual({ kind: 'claimed', previous: older });
  expect(() => assertFence(layout, older)).toThrow(StaleAttempt);
  assertFence(layout, newer);
  expect(claimFence(layout, older)).toEqual({ kind: 'stale', newer });
});

test('claims of different steps do not touch each other, also where one name looks like a path into another', () => {
  const layout = environment();
  const names = ['restoreData:agent', 'restoreData:agent/../x', '..', 'a.b', 'a/b'];
  for (const step of names) expect(claimFence(layout, token({ step }))).toEqual({ kind: 'claimed' });
  for (const step of names) assertFence(layout, token({ step }));
  expect(readdirSync(layout.fencesDir)).toHaveLength(names.length);
});

test('of processes that claim the very same token at once exactly one gets it', async () => {
  const folder = scratch();
  raiseEpoch(environmentLayout(folder, 'lab'), by);
  const told = await contenders(['a', 'b', 'c', 'd'], (name) =>
    spawn(process.execPath, [child('contend'), 'claim', folder, name], { stdio: ['pipe', 'pipe', 'inherit'] }),
  );
  expect(told.sort()).toEqual(['claimed', 'stale', 'stale', 'stale']);
});

test('the token of a process that is gone can be claimed, and the claim of a later attempt names it as previous', () => {
  const folder = scratch();
  const layout = environmentLayout(folder, 'lab');
  raiseEpoch(layout, by);
  const args = [child('contend'), 'claim', folder, 'dead'];
  expect(spawnSync(process.execPath, args, { input: 'go\n', encoding: 'utf8' }).stdout).toBe('ready\nclaimed\n');
  const same = token({ step: 'restoreData' });
  const next = claimFence(layout, { ...same, attempt: 2 });
  expect(next).toMatchObject({ kind: 'claimed', previous: { attempt: 1 } });
  expect(next.kind === 'claimed' && next.previous?.pid).not.toBe(process.pid);

  const again = environmentLayout(folder, 'again');
  raiseEpoch(again, by);
  claimFence(again, { ...token(), pidStart: 'of an earlier process' });
  expect(claimFence(again, token())).toEqual({ kind: 'claimed' });
});

test('living claims of other processes are listed, ours and those of the dead are not', () => {
  const layout = environment();
  const sleeper = spawn('sleep', ['60']);
  try {
    claimFence(layout, token({ step: 'ours' }));
    claimFence(layout, { ...token({ step: 'dead' }), pid: sleeper.pid ?? 0, pidStart: 'another' });
    const alive = { ...fenceOf(sleeper.pid ?? 0), step: 'alive' };
    claimFence(layout, alive);
    expect(livingFences(layout)).toEqual([alive]);
  } finally {
    sleeper.kill('SIGKILL');
  }
});

test('a damaged epoch record is refused by name', () => {
  const layout = environment();
  writeFileSync(join(layout.epochsDir, '0000000002.json'), '{"epoch":');
  expect(() => readEpoch(layout)).toThrow(RecordDamaged);
  expect(() => assertFence(layout, token())).toThrow(StaleAttempt);
});

function fenceOf(pid: number): Fence {
  return { ...token(), pid, pidStart: startOf(pid) };
}

/** Field 22 of /proc/<pid>/stat, by another way than the code under test: the name `sleep` holds no space. */
function startOf(pid: number): string {
  return spawnSync('awk', ['{print $22}', `/proc/${pid}/stat`], { encoding: 'utf8' }).stdout.trim();
}
