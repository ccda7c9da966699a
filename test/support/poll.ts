import { setTimeout as wait } from 'node:timers/promises';

/** Looks again until it is so; a deadline ends a hang with what was seen last. */
export async function pollUntil<T>(
  what: string,
  look: () => Promise<T> | T,
  is: (value: T) => boolean,
  deadlineMs = 60_000,
): Promise<T> {
  const deadline = performance.now() + deadlineMs;
  for (;;) {
    const value = await look();
    if (is(value)) return value;
    if (performance.now() > deadline)
      throw new Error(`Waited in vain for ${what}; last seen: ${JSON.stringify(value)}`);
    await wait(50);
  }
}
