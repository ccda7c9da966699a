import { constants } from 'node:os';

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Thrown instead of the work's result when somebody ended the demo. */
export class Interrupted extends Error {
  readonly exitCode: number;

  constructor(signal: (typeof signals)[number]) {
    super(`ended by ${signal}`);
    this.exitCode = 128 + constants.signals[signal];
  }
}

/**
 * Does the work, or stops waiting for it when the demo is told to end, so that the clean-up that follows runs at once.
 * A second signal changes nothing: a clean-up that is cut short leaves containers behind.
 * @throws Interrupted
 */
export async function untilInterrupted<T>(work: () => Promise<T>): Promise<T> {
  let interrupt: (error: Interrupted) => void = () => undefined;
  const interrupted = new Promise<never>((_resolve, reject) => {
    interrupt = reject;
  });
  for (const signal of signals) process.on(signal, () => interrupt(new Interrupted(signal)));
  const result = work();
  // Whatever it does after the interruption is told by the clean-up.
  result.catch(() => undefined);
  return Promise.race([result, interrupted]);
}
