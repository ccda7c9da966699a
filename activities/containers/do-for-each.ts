import { asActFailure } from '../kernel/act.ts';
import { ActFailure } from '../kernel/failures.ts';

/**
 * Does one thing for many containers at the same time; one that fails keeps none of the others from it.
 * @throws ActFailure naming every one that failed, after all have ended
 */
export async function doForEach<T extends { readonly name: string }, R>(
  what: string,
  items: readonly T[],
  run: (item: T) => Promise<R>,
): Promise<readonly R[]> {
  const settled = await Promise.allSettled(items.map((item) => run(item)));
  throwFailures(
    what,
    items.flatMap((item, n) => {
      const ended = settled[n];
      return ended?.status === 'rejected' ? [{ name: item.name, error: ended.reason as unknown }] : [];
    }),
    items.length,
  );
  return settled.flatMap((ended) => (ended.status === 'fulfilled' ? [ended.value] : []));
}

export interface Failed {
  readonly name: string;
  readonly error: unknown;
}

/** The first failure gives the kind, unless one of them means that this attempt is over. */
export function throwFailures(what: string, failed: readonly Failed[], of: number): void {
  const failures = failed.map(({ name, error }) => ({ name, failure: asActFailure(error) }));
  const first = failures.find(({ failure }) => failure.kind === 'stale-attempt') ?? failures[0];
  if (first === undefined) return;
  const list = failures.map(({ name, failure }) => `${name}: ${failure.message}`).join(' ');
  throw new ActFailure(
    first.failure.kind,
    `${failures.length} of ${of} could not be ${what}; the others were. ${list}`,
    {
      data: { names: failures.map(({ name }) => name) },
      cause: first.failure,
    },
  );
}
