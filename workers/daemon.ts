import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync, unlinkSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { wantedOomScore } from '../contract/processes.ts';
import { createFileDurably, readIfThere } from '../vault/durable-file.ts';
import { errorCode } from '../vault/errors.ts';
import { ensureDir } from '../vault/layout.ts';
import { lowerOomScore } from '../vault/oom-score.ts';
import { endOlderProcess, processStart } from '../vault/processes.ts';

export interface Daemon {
  readonly pid: number;
  readonly pidStart: string;
}

export interface DaemonOptions {
  readonly log: string;
  /** What of it goes to the log; a program that ends when its standard output cannot be written gets none. */
  readonly logged: 'all' | 'errors';
  readonly env: NodeJS.ProcessEnv;
}

/**
 * Starts a process in a session of its own: a closed terminal or Ctrl-C does not reach it (design §6). When memory runs
 * out it is ended late, as far as this account may have it so.
 */
export function startDaemon(command: string, argv: readonly string[], options: DaemonOptions): Daemon {
  const { log, logged, env } = options;
  ensureDir(dirname(log));
  const out = openSync(log, 'a', 0o640);
  try {
    const stdout = logged === 'all' ? out : 'ignore';
    const child = spawn(command, argv, { detached: true, stdio: ['ignore', stdout, out], env, cwd: '/' });
    // A failing start shows as a missing pid here and as an 'error' event that must not end us.
    child.once('error', () => undefined);
    if (child.pid === undefined) throw new Error(`${command} could not be started; see ${log}`);
    child.unref();
    lowerOomScore(child.pid, wantedOomScore);
    return { pid: child.pid, pidStart: processStart(child.pid) ?? 'unknown' };
  } finally {
    closeSync(out);
  }
}

export type Liveness = 'running' | 'frozen' | 'gone';

/** Whether this very process lives; one that was stopped (SIGSTOP) does nothing and would wake at a bad moment. */
export function livenessOf(daemon: Daemon): Liveness {
  if (processStart(daemon.pid) !== daemon.pidStart) return 'gone';
  const stat = readFileSync(`/proc/${daemon.pid}/stat`, 'latin1');
  const state = stat.slice(stat.lastIndexOf(')') + 2, stat.lastIndexOf(')') + 3);
  return state === 'T' ? 'frozen' : 'running';
}

/** SIGTERM, then SIGKILL after the grace; only this very process. */
export async function stopDaemon(daemon: Daemon, graceMs: number): Promise<void> {
  if (livenessOf(daemon) === 'running') {
    process.kill(daemon.pid, 'SIGTERM');
    await until(() => livenessOf(daemon) === 'gone', graceMs);
  }
  await endOlderProcess(daemon);
}

/** Looks again until it is so, or the deadline has passed. */
export async function until(done: () => boolean | Promise<boolean>, deadlineMs: number): Promise<boolean> {
  const deadline = performance.now() + deadlineMs;
  for (;;) {
    if (await done()) return true;
    if (performance.now() >= deadline) return false;
    await wait(25);
  }
}

/**
 * Runs alone among all processes that use this lock file. A lock whose holder died is taken over.
 * @throws Error when another living process holds it for longer than the deadline
 */
export async function alone<T>(lockFile: string, deadlineMs: number, run: () => Promise<T>): Promise<T> {
  ensureDir(dirname(lockFile));
  const me = JSON.stringify({ pid: process.pid, pidStart: processStart(process.pid) ?? 'unknown' });
  const taken = await until(
    () => createFileDurably(lockFile, me) || (dropDead(lockFile) && createFileDurably(lockFile, me)),
    deadlineMs,
  );
  if (!taken)
    throw new Error(
      `Another process has been starting or stopping here for ${deadlineMs} ms (${lockFile}); nothing was done.`,
    );
  try {
    return await run();
  } finally {
    unlinkSync(lockFile);
  }
}

/** @returns true when the lock's holder is gone and the lock was removed */
function dropDead(lockFile: string): boolean {
  const text = readIfThere(lockFile);
  if (text === undefined) return true;
  const holder = JSON.parse(text) as Daemon;
  if (livenessOf(holder) !== 'gone') return false;
  try {
    unlinkSync(lockFile);
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw error;
  }
  return true;
}
