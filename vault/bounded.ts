/**
 * Runs `work` on each value, at most `limit` at a time, and yields the results in the order of the values. Pulls from
 * the source only as far as the limit allows, so memory does not grow with the number of values.
 */
export async function* inOrder<T, R>(
  values: AsyncIterable<T>,
  limit: number,
  work: (value: T) => Promise<R> | R,
): AsyncGenerator<R> {
  const pending: Promise<R>[] = [];
  try {
    for await (const value of values) {
      const result = Promise.resolve(work(value));
      // A failure is met when its turn comes; until then it is no unhandled one.
      result.catch(() => undefined);
      pending.push(result);
      const next = pending.length >= limit ? pending.shift() : undefined;
      if (next !== undefined) yield await next;
    }
    for (let next = pending.shift(); next !== undefined; next = pending.shift()) yield await next;
  } finally {
    // Nobody may still be at work when the caller cleans up.
    await Promise.allSettled(pending);
  }
}
