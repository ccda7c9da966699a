import type { Target } from '../target/schema.ts';
import { holdersOf, holderText } from '../vault/lock.ts';
import type { Place } from './environment.ts';
import { ClientFailure, type FailureKind, toFailure } from './failures.ts';

/** What a stranger to a system may lack: tools, rights, a server, a worker. */
const lacking: readonly FailureKind[] = ['missing', 'no-server', 'no-worker'];

/**
 * Runs what needs server, worker and tools of this host. Where one of them is missing although somebody else holds the
 * very same system, that is told first: who mends what is missing here would only be refused then.
 *
 * @throws ClientFailure `held` with who, since when and why; else whatever `run` throws
 */
export async function holderFirst<T>(place: Place, target: Target, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    const failure = toFailure(error);
    const holder = lacking.includes(failure.kind) ? strangerThatHolds(place, target) : undefined;
    if (holder === undefined) throw error;
    throw new ClientFailure('held', `${holderText(holder)} Nothing was started.`, {
      details: [`Besides, here: ${failure.message}`, ...failure.details],
      next: ['Ask whoever started it; with its state folder and server, rollback emergency takes it over.'],
      data: { holder },
      cause: error,
    });
  }
}

/** A rollback of this very environment is reached by its own server, once that is up: it keeps nobody out. */
function strangerThatHolds({ environment, stateRoot }: Place, { compose, repository }: Target) {
  return holdersOf({ composeProject: compose.project, repository: repository.path }).find(
    (holder) => holder.environment !== environment || holder.stateDir !== stateRoot,
  );
}
