import type { Verdict } from '../contract/rollback.ts';

/** Every way the command can end. `rollback --help` prints this table; scripts rely on it. */
export const exitCodes = {
  ok: { code: 0, means: 'done; of a rollback: restored' },
  failed: { code: 1, means: 'verdict failed, or an unexpected error' },
  usage: { code: 2, means: 'wrong usage, or a target file with faults; nothing was changed' },
  exceptions: { code: 3, means: 'verdict restored-with-exceptions' },
  notProven: { code: 4, means: 'verdict not-proven' },
  refused: { code: 5, means: 'refused: already running, held by another, or not allowed in this state' },
  missing: { code: 6, means: 'something is missing on this machine (Docker, a tool, rights); see rollback doctor' },
  unreachable: { code: 7, means: 'Temporal cannot be reached, or no worker takes the work' },
  waiting: { code: 8, means: 'the rollback waits for an answer' },
  notFound: { code: 9, means: 'there is no such rollback, question or report' },
  detached: { code: 130, means: 'detached by Ctrl-C; the rollback goes on' },
} as const satisfies Record<string, { readonly code: number; readonly means: string }>;

export type ExitName = keyof typeof exitCodes;

const byVerdict = {
  restored: 'ok',
  'restored-with-exceptions': 'exceptions',
  'not-proven': 'notProven',
  failed: 'failed',
} as const satisfies Record<Verdict, ExitName>;

export function exitOfVerdict(verdict: Verdict): ExitName {
  return byVerdict[verdict];
}

/** Lines for `--help`. */
export function exitCodeLines(): readonly string[] {
  return Object.values(exitCodes).map(({ code, means }) => `${String(code).padStart(5)}  ${means}`);
}
