import { ApplicationFailure } from '@temporalio/common';
import { workerStopped } from '../../contract/ids.ts';
import { errorCode, isDiskFull, JournalWriteFailed, VaultError } from '../../vault/errors.ts';
import { boundedData, boundedText, mostTextLength } from './bounded.ts';

/**
 * Why an act could not be done, as data. `retry` says whether another attempt may help; the workflow's answer to an
 * exhausted step does not depend on it.
 */
export const failureKinds = {
  'docker-unavailable': { retry: true },
  'docker-refused': { retry: true },
  'compose-failed': { retry: true },
  'no-answer': { retry: true },
  'git-failed': { retry: true },
  'no-space': { retry: true },
  'io-error': { retry: true },
  'stale-attempt': { retry: false },
  'held-by-another': { retry: false },
  'another-machine': { retry: false },
  'plan-differs': { retry: false },
  'target-differs': { retry: false },
  'tool-missing': { retry: false },
  'unknown-checkpoint': { retry: false },
  [workerStopped]: { retry: true },
  refused: { retry: false },
  unexpected: { retry: true },
} as const satisfies Record<string, { readonly retry: boolean }>;

export type FailureKind = keyof typeof failureKinds;

/** Thrown by adapters and acts; mapped once per border, never told apart by its text. */
export class ActFailure extends Error {
  readonly kind: FailureKind;
  readonly data: Readonly<Record<string, unknown>>;

  constructor(
    kind: FailureKind,
    message: string,
    options: { readonly data?: Readonly<Record<string, unknown>>; readonly cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'ActFailure';
    this.kind = kind;
    this.data = options.data ?? {};
  }
}

/** The border to Temporal: the kind becomes the failure's type, data its details; none of it grows with the data. */
export function toApplicationFailure(failure: ActFailure): ApplicationFailure {
  const { cause } = failure;
  const short = cause instanceof Error && cause.message.length <= mostTextLength;
  return ApplicationFailure.create({
    message: boundedText(failure.message),
    type: failure.kind,
    nonRetryable: !failureKinds[failure.kind].retry,
    details: [boundedData(failure.data)],
    ...(short ? { cause } : {}),
  });
}

/** One mapping from whatever was thrown to the kinds of failures.ts. */
export function asActFailure(error: unknown): ActFailure {
  if (error instanceof ActFailure) return error;
  const message = error instanceof Error ? error.message : String(error);
  if (isDiskFull(error)) return new ActFailure('no-space', message, { cause: error });
  if (error instanceof JournalWriteFailed) return new ActFailure('io-error', message, { cause: error });
  if (error instanceof VaultError) {
    const kind = error.kind === 'stale-attempt' ? 'stale-attempt' : error.kind === 'refused' ? 'refused' : 'io-error';
    return new ActFailure(kind, message, { cause: error });
  }
  const code = errorCode(error);
  if (code !== undefined && /^E[A-Z]+$/.test(code)) return new ActFailure('io-error', message, { cause: error });
  return new ActFailure('unexpected', message, { cause: error });
}
