/**
 * What the vault throws. Each class has a `kind` for a `switch` at the border and its data as fields; nobody needs to
 * match the message text. Each message says what happened and what was not attempted.
 */

/** Common base, so that a border can tell the vault's refusals from a programming error. */
export abstract class VaultError extends Error {
  abstract readonly kind: string;

  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
  }
}

/** One path with the reason why it was refused. `path` is in text form (see `path-text.ts`). */
export interface PathProblem {
  readonly path: string;
  readonly reason: string;
}

/** A newer attempt acts on this environment: whoever gets this must stop without another effect. */
export class StaleAttempt extends VaultError {
  readonly kind = 'stale-attempt';
  readonly step: string;
  readonly token: string;
  readonly newer: string;

  constructor(info: { readonly step: string; readonly token: string; readonly newer: string }) {
    super(`This attempt of ${info.step} (${info.token}) is superseded by ${info.newer}; nothing more was done.`);
    this.step = info.step;
    this.token = info.token;
    this.newer = info.newer;
  }
}

/** The journal is damaged before its last line: its story cannot be trusted, a person has to look. */
export class JournalDamaged extends VaultError {
  readonly kind = 'journal-damaged';
  readonly path: string;
  readonly line: number;
  /** First byte of that line in the file. */
  readonly offset: number;
  readonly why: string;

  constructor(info: { readonly path: string; readonly line: number; readonly offset: number; readonly why: string }) {
    super(
      `Journal ${info.path} is damaged at line ${info.line}, byte ${info.offset} (${info.why}); nothing was done. ` +
        'Keep the file, compare it with a backup of the state folder, and start a new rollback if it cannot be repaired.',
    );
    this.path = info.path;
    this.line = info.line;
    this.offset = info.offset;
    this.why = info.why;
  }
}

/** A record could not be made durable; the effect it announces must not happen. */
export class JournalWriteFailed extends VaultError {
  readonly kind = 'journal-write-failed';
  readonly path: string;
  /** Error code of the system (`ENOSPC`, `EIO`, …). */
  readonly code: string;

  constructor(info: { readonly path: string; readonly code: string; readonly cause: unknown }) {
    super(`Journal ${info.path} could not be written (${info.code}); the effect it announces was not attempted.`, {
      cause: info.cause,
    });
    this.path = info.path;
    this.code = info.code;
  }
}

/** A small state file (epoch, fence, lock, record) cannot be read as what it should be. */
export class RecordDamaged extends VaultError {
  readonly kind = 'record-damaged';
  readonly path: string;
  readonly why: string;

  constructor(info: { readonly path: string; readonly why: string }) {
    super(`${info.path} cannot be read as a record (${info.why}); nothing was done.`);
    this.path = info.path;
    this.why = info.why;
  }
}

/** A name that may not become part of a path in the state folder. */
export class BadName extends VaultError {
  readonly kind = 'bad-name';
  readonly what: string;
  readonly value: string;

  constructor(info: { readonly what: string; readonly value: string }) {
    super(
      `${JSON.stringify(info.value)} cannot be used as ${info.what}: letters, digits, ".", "_" and "-" only, ` +
        'at most 128, not starting with a dot or a dash.',
    );
    this.what = info.what;
    this.value = info.value;
  }
}

/** A manifest file is not what was written: changed, cut off, or of a later format. */
export class ManifestDamaged extends VaultError {
  readonly kind = 'manifest-damaged';
  readonly path: string;
  readonly line: number;
  readonly why: string;

  constructor(info: { readonly path: string; readonly line: number; readonly why: string }) {
    super(`Manifest ${info.path} is damaged at line ${info.line} (${info.why}); nothing was done with it.`);
    this.path = info.path;
    this.line = info.line;
    this.why = info.why;
  }
}

/** The source of a restore is not good: nothing in the target was touched. */
export class SourceRefused extends VaultError {
  readonly kind = 'source-refused';
  readonly source: string;
  readonly count: number;
  /** The first twenty. */
  readonly problems: readonly PathProblem[];

  constructor(info: { readonly source: string; readonly count: number; readonly problems: readonly PathProblem[] }) {
    const first = info.problems[0];
    super(
      `The source ${info.source} was refused: ${info.count} problem(s), first: ` +
        `${first === undefined ? 'not listed' : `${first.path}: ${first.reason}`}. The target was not touched.`,
    );
    this.source = info.source;
    this.count = info.count;
    this.problems = info.problems;
  }
}

export type RefusalReason =
  | 'no-space'
  | 'unreadable'
  | 'other-filesystem'
  | 'mount-inside'
  | 'special-file'
  | 'not-a-folder'
  | 'overlapping'
  | 'exists'
  | 'xattrs'
  | 'changing';

/** Something asked for cannot be done safely here. `remedy` is what would allow it. */
export class Refused extends VaultError {
  readonly kind = 'refused';
  readonly reason: RefusalReason;
  readonly path: string;
  readonly remedy: string;

  constructor(info: {
    readonly reason: RefusalReason;
    readonly path: string;
    readonly why: string;
    readonly remedy: string;
  }) {
    super(`Refused for ${info.path}: ${info.why}. ${info.remedy} Nothing was changed there.`);
    this.reason = info.reason;
    this.path = info.path;
    this.remedy = info.remedy;
  }
}

/** What was written is not what should have been written. */
export class VerifyFailed extends VaultError {
  readonly kind = 'verify-failed';
  readonly path: string;
  readonly count: number;
  readonly problems: readonly PathProblem[];

  constructor(info: { readonly path: string; readonly count: number; readonly problems: readonly PathProblem[] }) {
    const first = info.problems[0];
    super(
      `${info.path} is not as expected after the work: ${info.count} difference(s)` +
        `${first === undefined ? '' : `, first: ${first.path}: ${first.reason}`}. No data were removed.`,
    );
    this.path = info.path;
    this.count = info.count;
    this.problems = info.problems;
  }
}

/** Code of a system error (`ENOENT`, …), or undefined when it is something else. */
export function errorCode(error: unknown): string | undefined {
  if (error instanceof Error && 'code' in error && typeof error.code === 'string') return error.code;
  return undefined;
}

/** Whether an error means that a disk, or an account's part of it, is full. */
export function isDiskFull(error: unknown): boolean {
  const code = error instanceof JournalWriteFailed ? error.code : errorCode(error);
  return code === 'ENOSPC' || code === 'EDQUOT';
}
