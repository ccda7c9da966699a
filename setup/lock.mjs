import { mkdirSync, readFileSync, renameSync, rmdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import { Missing } from './missing.mjs';
import { say } from './say.mjs';

const pollMs = 250;
const staleGuardMs = 10_000;

/**
 * Runs `work` while no other process of this machine does under the same folder; the lock of a dead process is taken over.
 * @template T
 * @param {string} folder
 * @param {number} deadlineMs how long to wait for another
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function alone(folder, deadlineMs, work) {
  const giveUpAt = Date.now() + deadlineMs;
  for (let waits = false; !take(folder); ) {
    const owner = readOwner(folder);
    if (owner !== undefined && !lives(owner) && clear(folder)) continue;
    if (Date.now() > giveUpAt) {
      throw new Missing(`Another set-up (process ${owner?.pid ?? 'unknown'}) has been at work too long.`, {
        todo: `wait for it, or end it and remove ${folder}`,
      });
    }
    if (!waits) say(`another set-up (process ${owner?.pid ?? 'unknown'}) is at this; waiting for it`);
    waits = true;
    await after(pollMs);
  }
  try {
    return await work();
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The folder appears with its owner in it, in one step. @param {string} folder */
function take(folder) {
  const mine = `${folder}.${process.pid}`;
  mkdirSync(mine, { recursive: true });
  writeFileSync(ownerFile(mine), JSON.stringify({ pid: process.pid, startedAt: startOf(process.pid) }));
  try {
    mkdirSync(dirname(folder), { recursive: true });
    renameSync(mine, folder);
    return true;
  } catch (error) {
    rmSync(mine, { recursive: true, force: true });
    if (error.code === 'ENOTEMPTY' || error.code === 'EEXIST') return false;
    throw error;
  }
}

/** Removes a dead owner's lock; under a guard, so that nobody removes the lock that the first of two has just taken. @param {string} folder */
function clear(folder) {
  const guard = `${folder}.clearing`;
  try {
    mkdirSync(guard);
  } catch {
    // Another one clears. A guard that outlived its process is removed; it is held for microseconds only.
    if (ageMs(guard) > staleGuardMs) rmSync(guard, { recursive: true, force: true });
    return false;
  }
  try {
    const owner = readOwner(folder);
    if (owner !== undefined && !lives(owner)) rmSync(folder, { recursive: true, force: true });
    return true;
  } finally {
    rmdirSync(guard);
  }
}

/** @param {string} folder @returns {{ pid: number, startedAt: string } | undefined} */
function readOwner(folder) {
  try {
    return JSON.parse(readFileSync(ownerFile(folder), 'utf8'));
  } catch {
    // Released between two looks.
    return undefined;
  }
}

/** @param {{ pid: number, startedAt: string }} owner */
function lives(owner) {
  const start = startOf(owner.pid);
  return start !== '' && start === owner.startedAt;
}

/** When a process started, so that a number used again is not taken for it; '' when it is gone. @param {number} pid */
function startOf(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
  } catch {
    return startWithoutProc(pid);
  }
}

/** @param {number} pid */
function startWithoutProc(pid) {
  try {
    process.kill(pid, 0);
    return 'alive';
  } catch (error) {
    return error.code === 'EPERM' ? 'alive' : '';
  }
}

/** @param {string} path */
function ageMs(path) {
  try {
    return Date.now() - statSync(path).mtimeMs;
  } catch {
    return 0;
  }
}

/** @param {string} folder */
function ownerFile(folder) {
  return `${folder}/owner.json`;
}
