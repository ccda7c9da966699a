import { ActFailure } from '../kernel/failures.ts';

/** HTTP status of a refusal by the engine; undefined when the engine was not reached or did not answer. */
export function statusOf(error: unknown): number | undefined {
  if (error instanceof ActFailure) {
    const status = error.data['statusCode'];
    return typeof status === 'number' ? status : undefined;
  }
  if (!(error instanceof Error) || !('statusCode' in error)) return undefined;
  return typeof error.statusCode === 'number' ? error.statusCode : undefined;
}

/** The one place where errors of the engine's client become failures of ours. */
export function dockerFailure(what: string, error: unknown): ActFailure {
  if (error instanceof ActFailure) return error;
  const statusCode = statusOf(error);
  const said = error instanceof Error ? error.message.trim() : String(error);
  if (statusCode !== undefined) {
    return new ActFailure('docker-refused', `Docker refused to ${what}: ${said}`, {
      data: { statusCode },
      cause: error,
    });
  }
  return new ActFailure('docker-unavailable', `Docker did not answer when asked to ${what}: ${said}`, { cause: error });
}

/**
 * Runs one call to the engine under a deadline: a hung daemon never answers and the client has none (facts). The
 * engine may still carry out what it was sent: whoever gets this failure looks again.
 */
export async function withDeadline<T>(
  what: string,
  deadlineMs: number,
  call: (abortSignal: AbortSignal) => Promise<T>,
): Promise<T> {
  const abort = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(
        new ActFailure('docker-unavailable', `Docker gave no answer within ${deadlineMs} ms when asked to ${what}.`),
      );
      abort.abort();
    }, deadlineMs);
  });
  try {
    return await Promise.race([call(abort.signal), late]);
  } catch (error) {
    throw dockerFailure(what, error);
  } finally {
    clearTimeout(timer);
  }
}

/** What a call gives, or undefined when the engine refuses with this status. */
export async function orNone<T>(status: number, call: Promise<T>): Promise<T | undefined> {
  try {
    return await call;
  } catch (error) {
    if (statusOf(error) === status) return undefined;
    throw error;
  }
}

/** The typings do not know everywhere that the client takes a signal. */
export function withSignal<T extends object>(
  options: T,
  abortSignal: AbortSignal,
): T & { readonly abortSignal: AbortSignal } {
  return { ...options, abortSignal };
}
