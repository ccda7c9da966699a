import type { Target } from '../../target/schema.ts';
import { readIfThere } from '../../vault/durable-file.ts';
import type { RollbackLayout } from '../../vault/layout.ts';
import { ActFailure } from './failures.ts';

/**
 * The effective target of a rollback as it was when it began.
 * @throws ActFailure `target-differs` when its snapshot is missing or another
 */
export function targetOfRollback(files: RollbackLayout, hash: string): Target {
  const text = readIfThere(files.target);
  const stored =
    text === undefined ? undefined : (JSON.parse(text) as { readonly hash: string; readonly target: Target });
  if (stored?.hash === hash) return stored.target;
  throw new ActFailure(
    'target-differs',
    stored === undefined
      ? `The snapshot of the target is missing: ${files.target}. Nothing was done.`
      : 'The snapshot of the target is not the one this rollback began with; nothing was done.',
    stored === undefined ? {} : { data: { expected: hash, found: stored.hash } },
  );
}
