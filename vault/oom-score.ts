import { readFileSync, writeFileSync } from 'node:fs';
import { errorCode } from './errors.ts';

/**
 * Which process the kernel ends first when memory runs out: from -1000 (never) to 1000. An experiment that eats the
 * memory must not take with it what stops it.
 * @see proc_pid_oom_score_adj(5)
 */
const neutral = 0;

/** CAP_SYS_RESOURCE, the number of its bit; see capabilities(7). */
const sysResource = 24n;

/** undefined where the system tells none, or when there is no such process. */
export function readOomScore(pid: number): number | undefined {
  const text = readProc(`/proc/${pid}/oom_score_adj`);
  return text === undefined ? undefined : Number(text);
}

/**
 * Lowers the score of a process as far as this account may: to `wanted`, else at least to what every process has, which
 * needs no right where only a login session had raised it.
 * @returns the score it has then; undefined where the system knows none
 */
export function lowerOomScore(pid: number, wanted: number): number | undefined {
  for (const score of [wanted, neutral]) {
    const now = readOomScore(pid);
    if (now === undefined || now <= score) return now;
    try {
      writeFileSync(`/proc/${pid}/oom_score_adj`, String(score));
    } catch (error) {
      const code = errorCode(error);
      // Not allowed is an answer; what remains is told by `doctor`. A process that has gone needs nothing any more.
      if (code !== 'EACCES' && code !== 'EPERM' && code !== 'ENOENT' && code !== 'ESRCH') throw error;
    }
  }
  return readOomScore(pid);
}

/** Whether this process may lower scores below what they were; undefined where the system does not tell. */
export function mayLowerOomScore(): boolean | undefined {
  const effective = /^CapEff:\s*([0-9a-f]+)$/m.exec(readProc('/proc/self/status') ?? '')?.[1];
  return effective === undefined ? undefined : ((BigInt(`0x${effective}`) >> sysResource) & 1n) === 1n;
}

function readProc(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const code = errorCode(error);
    if (code === 'ENOENT' || code === 'ESRCH' || code === 'EACCES') return undefined;
    throw error;
  }
}
