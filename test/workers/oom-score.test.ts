import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { wantedOomScore } from '../../contract/processes.ts';
import { lowerOomScore, mayLowerOomScore, readOomScore } from '../../vault/oom-score.ts';
import { startDaemon, stopDaemon } from '../../workers/daemon.ts';

const idle = ['-e', 'setInterval(() => {}, 1e6)'];

describe('what is started as a daemon', () => {
  it('is ended late when memory runs out, as far as this account may have it so', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'oom-test-'));
    const mine = scoreOf('self');
    // As in a login session, which raises the score of all that is started in it.
    writeFileSync('/proc/self/oom_score_adj', '300');
    const lowest = lowestHere();
    writeFileSync('/proc/self/oom_score_adj', '300');
    try {
      const options = { log: join(folder, 'log'), logged: 'all', env: process.env } as const;
      const daemon = startDaemon(process.execPath, idle, options);
      try {
        expect(scoreOf(daemon.pid)).toBe(mayLowerOomScore() ? wantedOomScore : lowest);
        expect(readOomScore(daemon.pid)).toBe(scoreOf(daemon.pid));
      } finally {
        await stopDaemon(daemon, 1_000);
      }
      expect(lowerOomScore(daemon.pid, wantedOomScore)).toBeUndefined();
    } finally {
      writeFileSync('/proc/self/oom_score_adj', String(mine));
      rmSync(folder, { recursive: true });
    }
  });
});

/** What the kernel lets this process go down to, of what needs no right. */
function lowestHere(): number {
  try {
    writeFileSync('/proc/self/oom_score_adj', '0');
  } catch {
    // A score that somebody privileged has raised stays.
  }
  return scoreOf('self');
}

function scoreOf(process: number | 'self'): number {
  return Number(readFileSync(`/proc/${process}/oom_score_adj`, 'utf8'));
}
