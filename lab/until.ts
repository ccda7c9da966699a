import { setTimeout as wait } from 'node:timers/promises';

/**
 * Asks until there is an answer.
 * @param what completes the sentence "The lab waited in vain for …"
 * @throws Error with the last failure when the deadline has passed
 */
export async function until<T>(
  what: string,
  look: () => Promise<T | undefined>,
  { deadlineMs = 30_000, everyMs = 50 }: { readonly deadlineMs?: number; readonly everyMs?: number } = {},
): Promise<T> {
  const deadline = performance.now() + deadlineMs;
  for (;;) {
    const failure = await look().then(
      (value) => ({ value }),
      (error: unknown) => ({ error }),
    );
    if ('value' in failure && failure.value !== undefined) return failure.value;
    if (performance.now() >= deadline) {
      const cause = 'error' in failure ? failure.error : undefined;
      throw new Error(`The lab waited in vain for ${what} (${deadlineMs} ms).`, { cause });
    }
    await wait(everyMs);
  }
}
