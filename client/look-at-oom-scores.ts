import { wantedOomScore } from '../contract/processes.ts';
import { mayLowerOomScore, readOomScore } from '../vault/oom-score.ts';
import type { Seen } from './examine-here.ts';
import { isAlive, readServerFile, readWorkerFile } from './process-files.ts';

/**
 * Whether the kernel ends others before our processes when memory runs out: read from those that live, else from what
 * this account may do.
 */
export function lookAtOomScores(stateRoot: string, environment: string | undefined): Seen {
  const files = [
    { what: 'server', file: readServerFile(stateRoot) },
    { what: 'worker', file: environment === undefined ? undefined : readWorkerFile(stateRoot, environment) },
  ];
  const living = files.flatMap(({ what, file }) => {
    const score = file === undefined || isAlive(file) !== true ? undefined : readOomScore(file.pid);
    return score === undefined ? [] : [{ what, score }];
  });
  return judgeOomScores(living, mayLowerOomScore());
}

/** @param may whether this account may lower a score; undefined where the system does not tell */
export function judgeOomScores(
  living: readonly { readonly what: string; readonly score: number }[],
  may: boolean | undefined,
): Seen {
  const told = living.map(({ what, score }) => `${what} ${score}`).join(', ');
  const lowered = living.every(({ score }) => score <= wantedOomScore);
  if (living.length > 0 && lowered) return { status: 'ok', detail: `OOM score ${told}`, remedy: null };
  if (may === undefined) return { status: 'unknown', detail: 'this system tells no OOM score', remedy: null };
  if (living.length === 0 && may)
    return { status: 'ok', detail: `OOM score ${wantedOomScore} from their start`, remedy: null };
  return {
    status: 'weak',
    detail: `OOM score ${told || 'not lowered'}${may ? '' : '; this account may not lower it (CAP_SYS_RESOURCE)'}`,
    remedy: may
      ? 'rollback down --server, then rollback up: started from this account they get it'
      : 'rollback service has systemd do it; else whoever eats the memory may take them along',
  };
}
