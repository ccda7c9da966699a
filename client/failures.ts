import type { ExitName } from './exit-codes.ts';

/** Kinds of failure the operator can meet, each with the way the command ends. */
const endings = {
  usage: 'usage',
  'bad-target': 'usage',
  running: 'refused',
  held: 'refused',
  refused: 'refused',
  missing: 'missing',
  'no-server': 'unreachable',
  'no-worker': 'unreachable',
  'not-found': 'notFound',
  unexpected: 'failed',
} as const satisfies Record<string, ExitName>;

export type FailureKind = keyof typeof endings;

/** What went wrong, for a tired human: what happened, what was not attempted, what to do next. */
export class ClientFailure extends Error {
  readonly kind: FailureKind;
  readonly details: readonly string[];
  readonly next: readonly string[];
  /** For `--json`. */
  readonly data: unknown;

  constructor(
    kind: FailureKind,
    message: string,
    more: {
      readonly details?: readonly string[];
      readonly next?: readonly string[];
      readonly data?: unknown;
      readonly cause?: unknown;
    } = {},
  ) {
    super(message, { cause: more.cause });
    this.name = 'ClientFailure';
    this.kind = kind;
    this.details = more.details ?? [];
    this.next = more.next ?? [];
    this.data = more.data;
  }
}

export function exitOfFailure(failure: ClientFailure): ExitName {
  return endings[failure.kind];
}

/** Maps whatever was thrown to a failure with a kind; the one place where foreign errors are told apart. */
export function toFailure(error: unknown): ClientFailure {
  if (error instanceof ClientFailure) return error;
  if (!(error instanceof Error)) return new ClientFailure('unexpected', String(error), { cause: error });
  return (
    targetFailure(error) ?? workflowFailure(error) ?? serverFailure(error) ?? systemFailure(error) ?? unexpected(error)
  );
}

interface TargetFault {
  readonly path: string;
  readonly expectation: string;
  readonly value: unknown;
  readonly line?: number | undefined;
}

function targetFailure(error: Error): ClientFailure | undefined {
  if (!('faults' in error) || !Array.isArray(error.faults)) return undefined;
  const faults: readonly TargetFault[] = error.faults;
  const file = 'file' in error && typeof error.file === 'string' ? error.file : 'the target file';
  return new ClientFailure(
    'bad-target',
    `${file} has ${faults.length} fault${faults.length === 1 ? '' : 's'}; nothing was started.`,
    {
      details: faults.map((fault) => faultLine(fault)),
      next: ['Correct the file; rollback doctor looks at it again without changing anything.'],
      data: { file, faults },
      cause: error,
    },
  );
}

function faultLine({ line, path, expectation, value }: TargetFault): string {
  const where = line === undefined ? '' : `line ${line}: `;
  const found = value === undefined ? 'missing' : `found ${clip(JSON.stringify(value) ?? String(value), 60)}`;
  return `${where}${path === '' ? 'the file' : path}: ${expectation} (${found})`;
}

/** Kinds with which the workflow refuses for good (runbook/questions.ts, `finalKinds`). */
const refusals: Readonly<Record<string, FailureKind>> = {
  'held-by-another': 'held',
  'another-machine': 'refused',
  'target-differs': 'refused',
  'docker-unavailable': 'missing',
  'tool-missing': 'missing',
  'unknown-checkpoint': 'bad-target',
  refused: 'refused',
};

function workflowFailure(error: Error): ClientFailure | undefined {
  if (error.name === 'WorkflowNotFoundError') {
    return new ClientFailure('not-found', 'There is no such workflow on the server; nothing was sent.', {
      cause: error,
    });
  }
  if (error.name !== 'WorkflowFailedError') return undefined;
  const cause = innermost(error);
  const type = 'type' in cause && typeof cause.type === 'string' ? cause.type : '';
  const next =
    type === 'held-by-another'
      ? ['rollback adopt goes on with it where its Temporal server is gone; rollback undo takes back what it did.']
      : [];
  return new ClientFailure(refusals[type] ?? 'unexpected', cause.message, { cause: error, data: { type }, next });
}

/** gRPC status codes that mean: nobody there (or not in time). */
const unreachableCodes = [4, 14];

function serverFailure(error: Error): ClientFailure | undefined {
  const cause = innermost(error);
  const code = 'code' in cause ? cause.code : undefined;
  const unreachable = (typeof code === 'number' && unreachableCodes.includes(code)) || code === 'ECONNREFUSED';
  if (!unreachable) return undefined;
  return new ClientFailure('no-server', `The Temporal server does not answer (${clip(cause.message, 120)}).`, {
    next: ['rollback up starts the embedded server and worker, or adopts the ones that live.'],
    cause: error,
  });
}

function systemFailure(error: Error): ClientFailure | undefined {
  if ('kind' in error && error.kind === 'bad-name') return new ClientFailure('usage', error.message, { cause: error });
  const code = 'code' in error ? error.code : undefined;
  if (code !== 'EACCES' && code !== 'EPERM') return undefined;
  return new ClientFailure('missing', `This account may not do that: ${error.message}. Nothing was changed.`, {
    next: ['Run it as the account that owns the state folder (often with sudo), or set ROLLBACK_STATE_DIR.'],
    cause: error,
  });
}

function unexpected(error: Error): ClientFailure {
  const cause = innermost(error);
  const also = cause === error ? [] : [cause.message];
  return new ClientFailure('unexpected', error.message, { details: also, cause: error });
}

function innermost(error: Error): Error {
  return error.cause instanceof Error ? innermost(error.cause) : error;
}

function clip(text: string, length: number): string {
  return text.length > length ? `${text.slice(0, length - 1)}…` : text;
}
