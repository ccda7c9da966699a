import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { alone } from '../../setup/lock.mjs';
import { temporaryFolder, writeAt } from './folder.ts';

const owner = (folder: string, pid: number, startedAt: string): string =>
  writeAt(join(folder, 'owner.json'), JSON.stringify({ pid, startedAt }));

it('takes over from a process that is gone, also when its number is used again, and leaves nothing behind', async () => {
  for (const [pid, startedAt] of [
    [2 ** 22 + 1, '1'],
    [process.pid, 'the start of an earlier process'],
  ] as const) {
    const folder = join(temporaryFolder(), 'build.lock');
    owner(folder, pid, startedAt);
    expect(await alone(folder, 5_000, async () => 'done')).toBe('done');
    expect(existsSync(folder)).toBe(false);
  }
});

it('lets one in after the other, also when a dead owner is found by many', async () => {
  const folder = join(temporaryFolder(), 'build.lock');
  owner(folder, 2 ** 22 + 1, '1');
  let inside = 0;
  let most = 0;
  const work = async (): Promise<void> => {
    inside += 1;
    most = Math.max(most, inside);
    await new Promise(setImmediate);
    inside -= 1;
  };
  await Promise.all(Array.from({ length: 4 }, () => alone(folder, 20_000, work)));
  expect(most).toBe(1);
});

it('gives up with the name of the living owner', async () => {
  const folder = join(temporaryFolder(), 'build.lock');
  const second = alone(folder, 60_000, () => alone(folder, 0, async () => 'never'));
  await expect(second).rejects.toThrow(`process ${process.pid}`);
  expect(existsSync(folder)).toBe(false);
});

it('opens again after work that failed', async () => {
  const folder = join(temporaryFolder(), 'build.lock');
  await expect(alone(folder, 0, () => Promise.reject(new Error('no space')))).rejects.toThrow('no space');
  expect(await alone(folder, 0, async () => 'done')).toBe('done');
});
