/** A declared check on a data root. Globs are as in `glob.ts`, relative to the root. */
export type IntegrityCheck =
  /** Every match parses as JSON. */
  | { readonly kind: 'json'; readonly glob: string }
  /** Every match passes SQLite's integrity check, on a copy with its journal files. */
  | { readonly kind: 'sqlite'; readonly glob: string }
  /** Exit code 0; run without a shell. */
  | { readonly kind: 'command'; readonly argv: readonly string[]; readonly cwd?: string; readonly timeoutMs?: number }
  | { readonly kind: 'exists'; readonly glob: string }
  /** Every match is as in the checkpoint; more or fewer matches are a difference too. */
  | { readonly kind: 'immutable'; readonly glob: string }
  | { readonly kind: 'nonempty'; readonly glob: string };

export interface CheckResult {
  readonly check: IntegrityCheck | { readonly kind: 'checkpoint-files' };
  readonly outcome: 'pass' | 'fail' | 'unknown';
  readonly reason: string;
  /** Number of offending paths; `paths` has the first twenty, for people. */
  readonly count: number;
  readonly paths: readonly string[];
}

export interface IntegrityVerdict {
  readonly verdict: 'sound' | 'corrupt' | 'unknown';
  readonly reasons: readonly string[];
  readonly results: readonly CheckResult[];
}
