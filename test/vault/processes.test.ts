import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { endChildrenMarked, endOlderProcess, fenceVariable, processStart } from '../../vault/processes.ts';
import { pollUntil } from '../support/poll.ts';
import { scratch } from './fixtures.ts';

const started: ChildProcess[] = [];

afterEach(() => {
  for (const child of started.splice(0)) child.kill('SIGKILL');
});

function sleeper(env: NodeJS.ProcessEnv = {}, program = 'sleep'): number {
  const child = spawn(program, ['60'], { env: { ...process.env, ...env }, stdio: 'ignore' });
  started.push(child);
  return child.pid ?? 0;
}

function isAlive(pid: number): boolean {
  return processStart(pid) !== undefined;
}

test('a process is named by pid and start time, whatever its program is called', () => {
  const odd = join(scratch(), 'a) S 1 (b');
  copyFileSync(spawnSync('which', ['sleep'], { encoding: 'utf8' }).stdout.trim(), odd);
  const pid = sleeper({}, odd);
  expect(processStart(pid)).toMatch(/^\d+$/);
  expect(Number(processStart(pid))).toBeGreaterThanOrEqual(Number(processStart(process.pid)));
});

test('an older process is ended, once, and was this very one', async () => {
  const pid = sleeper();
  const older = { pid, pidStart: processStart(pid) ?? '' };
  expect(await endOlderProcess(older)).toBe('ended');
  expect(isAlive(pid)).toBe(false);
  expect(await endOlderProcess(older)).toBe('gone');
});

test('a later process with the same pid is never hit, and neither are we', async () => {
  const pid = sleeper();
  const recycled = { pid, pidStart: String(Number(processStart(pid)) - 1) };
  expect(await endOlderProcess(recycled)).toBe('gone');
  expect(isAlive(pid)).toBe(true);
  expect(await endOlderProcess({ pid: process.pid, pidStart: processStart(process.pid) ?? '' })).toBe('self');
});

test('only children that carry the marker are ended, with what they started themselves', async () => {
  const mine = sleeper({ [fenceVariable]: 'lab/r1/restoreData/1' });
  const otherRollback = sleeper({ [fenceVariable]: 'lab/r10/restoreData/1' });
  const unmarked = sleeper();
  const shell = spawn('sh', ['-c', 'sleep 60 & echo $!; wait'], {
    env: { ...process.env, [fenceVariable]: 'lab/r1/stop/1' },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  started.push(shell);
  const grandchild = await new Promise<number>((resolve) => shell.stdout.once('data', (d) => resolve(Number(d))));
  const marked = [mine, shell.pid ?? 0, grandchild];
  await pollUntil(
    'the marked processes to carry their marker',
    () => marked.filter((pid) => spawnSync('grep', ['-qz', '^ROLLBACK_FENCE=lab/r1/', `/proc/${pid}/environ`]).status),
    (without) => without.length === 0,
  );
  const ended = await endChildrenMarked('lab/r1/');
  expect(ended).toMatchObject({ kind: 'done', left: [] });
  expect([...ended.pids].sort()).toEqual(marked.sort());
  expect([mine, grandchild, otherRollback, unmarked].map(isAlive)).toEqual([false, false, true, true]);
  expect(await endChildrenMarked('lab/r1/')).toEqual({ kind: 'done', pids: [], left: [] });
});

test('an empty marker, which every marked process would carry, is refused', async () => {
  await expect(endChildrenMarked('')).rejects.toThrow(TypeError);
});
