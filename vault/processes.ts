import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { errorCode } from './errors.ts';

/**
 * What the vault needs to know of processes. Only Linux tells it through /proc; elsewhere every answer is
 * `unsupported` or undefined, and `doctor` says that the guarantee is weaker there.
 */
export const processesSupported = process.platform === 'linux';

/** Environment variable that marks every child process with the fence it runs under. */
export const fenceVariable = 'ROLLBACK_FENCE';

export type Ended = 'gone' | 'ended' | 'self' | 'still-there' | 'not-permitted' | 'unsupported';

/**
 * Start time of a living process in clock ticks since boot, or undefined when there is none. With the pid it names one
 * process even when pids are used again. A zombie is gone: it can do nothing any more.
 * @see proc_pid_stat(5), fields 3, 20 and 22
 */
export function processStart(pid: number): string | undefined {
  if (!processesSupported) return undefined;
  let text: string;
  try {
    text = readFileSync(`/proc/${pid}/stat`, 'latin1');
  } catch (error) {
    const code = errorCode(error);
    if (code === 'ENOENT' || code === 'ESRCH' || code === 'EACCES') return undefined;
    throw error;
  }
  // The command's name is in parentheses and may itself hold spaces and parentheses.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const [state, threads, start] = [fields[0], Number(fields[17]), fields[19]];
  // While a killed process dies its first thread is a zombie before the others have finished their last call.
  const dead = (state === 'Z' || state === 'X') && threads <= 1;
  return dead ? undefined : start;
}

/**
 * Ends the process of a superseded attempt: only this very one, never a later one with the same pid, never ourselves.
 * @param options.deadlineMs how long to wait until it is gone; a process in an uninterruptible call may outlast it
 */
export async function endOlderProcess(
  older: { readonly pid: number; readonly pidStart: string },
  options: { readonly deadlineMs?: number } = {},
): Promise<Ended> {
  if (!processesSupported) return 'unsupported';
  if (older.pid === process.pid) return 'self';
  if (processStart(older.pid) !== older.pidStart) return 'gone';
  if (!kill(older.pid)) return 'not-permitted';
  const gone = await until(() => processStart(older.pid) !== older.pidStart, options.deadlineMs ?? 10_000);
  return gone ? 'ended' : 'still-there';
}

export interface ChildrenEnded {
  readonly kind: 'done' | 'still-there' | 'unsupported';
  /** Processes that were killed. */
  readonly pids: readonly number[];
  /** Processes that would not go before the deadline. */
  readonly left: readonly number[];
}

/**
 * Kills every process whose environment says `ROLLBACK_FENCE=<marker…>`: a git or compose child outlives its worker
 * (facts) and would go on writing. Looks again until a look finds none, since a child may have forked meanwhile.
 * @param marker a whole fence or its beginning; an empty one is refused
 */
export async function endChildrenMarked(
  marker: string,
  options: { readonly deadlineMs?: number } = {},
): Promise<ChildrenEnded> {
  if (marker === '') throw new TypeError('An empty marker would end every marked process.');
  if (!processesSupported) return { kind: 'unsupported', pids: [], left: [] };
  const killed = new Map<number, string>();
  // A process that dies loses its environment before its last call has ended: the marker alone would call it gone.
  const dying = () => [...killed].filter(([pid, start]) => processStart(pid) === start).map(([pid]) => pid);
  const gone = await until(() => {
    const found = markedProcesses(marker);
    for (const { pid, start } of found) if (kill(pid)) killed.set(pid, start);
    return found.length === 0 && dying().length === 0;
  }, options.deadlineMs ?? 10_000);
  const left = gone ? [] : [...new Set([...markedProcesses(marker).map(({ pid }) => pid), ...dying()])];
  return { kind: gone ? 'done' : 'still-there', pids: [...killed.keys()], left };
}

function markedProcesses(marker: string): { readonly pid: number; readonly start: string }[] {
  const wanted = `${fenceVariable}=${marker}`;
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => pid !== process.pid && environmentOf(pid).some((line) => line.startsWith(wanted)))
    .flatMap((pid) => {
      const start = processStart(pid);
      return start === undefined ? [] : [{ pid, start }];
    });
}

function environmentOf(pid: number): readonly string[] {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'latin1').split('\0');
  } catch {
    // Gone meanwhile, or another account's process, which cannot be a child of ours.
    return [];
  }
}

/** @returns false when we may not; a process that is gone already counts as killed */
function kill(pid: number): boolean {
  try {
    process.kill(pid, 'SIGKILL');
    return true;
  } catch (error) {
    return errorCode(error) === 'ESRCH';
  }
}

async function until(done: () => boolean, deadlineMs: number): Promise<boolean> {
  const deadline = performance.now() + deadlineMs;
  for (;;) {
    if (done()) return true;
    if (performance.now() >= deadline) return false;
    await wait(10);
  }
}
