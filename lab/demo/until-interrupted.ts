import { constants } from 'node:os';

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Thrown instead of the work's result when somebody ended the demo. */
export class Interrupted extends Error {
  readonly exitCode: number;
  /** Resolves when the work that nobody waits for any more has come to its own end. */
  readonly settled: Promise<void>;

  constructor(signal: (typeof signals)[number], settled: Promise<void>) {
    super(`ended by ${signal}`);
    this.settled = settled;
    this.exitCode = 128 + constants.signals[signal];
  }
}

/**
 * Does the work, or stops waiting for it when the demo is told to end, so that the clean-up that follows runs at once.
 * A second signal changes nothing: a clean-up that is cut short leaves containers behind.
 * @throws Interrupted
 */
export async function untilInterrupted<T>(work: () => Promise<T>): Promise<T> {
  const result = work();
  // How the work ends after an interruption is of no interest, only that it does.
  const settled = result.then(
    () => undefined,
    () => undefined,
  );
  const interrupted = new Promise<never>((_resolve, reject) => {
    for (const signal of signals) process.on(signal, () => reject(new Interrupted(signal, settled)));
  });
  return Promise.race([result, interrupted]);
}
