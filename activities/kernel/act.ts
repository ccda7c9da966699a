import { CancelledFailure, Context } from '@temporalio/activity';
import { workerStopped } from '../../contract/ids.ts';
import type { StepInput, StepResult } from '../../contract/step.ts';
import { heartbeatMs } from '../../runbook/timeouts.ts';
import { throughOutages } from './await-engine.ts';
import { boundedResult } from './bounded.ts';
import { ActFailure, asActFailure, toApplicationFailure } from './failures.ts';
import { type Keeping, onFullDisk } from './on-full-disk.ts';
import type { OpenRoom, RoomPlace } from './open-room.ts';
import { openRoom } from './open-room.ts';
import type { ActBody } from './room.ts';
import type { World } from './world.ts';

export { asActFailure } from './failures.ts';

/** Often, because a cancel is told in the answer: the emergency path must not wait for it. */
const heartbeatEveryMs = Math.min(2_000, heartbeatMs / 3);

/** Attempts at work in this process, so that a newer one of the same step ends the older (design §3, twins). */
const atWork = new Map<string, AbortController>();

/**
 * Makes an activity of an act: its room, heartbeats, cancellation, journal and the mapping of failures are the same for
 * all and stand here once.
 */
export function asActivity<R extends StepResult>(
  world: World,
  body: ActBody<R>,
  place: RoomPlace = 'rollback',
): (input: StepInput) => Promise<R> {
  return (input) =>
    attemptOf(world.stateRoot, input, async (attempt, signal, progress, keeping) => {
      const room = await openRoom(world, { input, attempt, signal, progress }, place, keeping);
      try {
        const result = await throughOutages(room, () => body(room));
        room.ended(result.outcome, result.reason);
        return boundedResult(result);
      } catch (error) {
        closeQuietly(room, error);
        throw error;
      } finally {
        room.close();
      }
    });
}

type Run<R> = (attempt: number, signal: AbortSignal, progress: (text: string) => void, keeping: Keeping) => Promise<R>;

/**
 * Runs one attempt with heartbeats, again where a full disk gives way; failures leave it as Temporal failures with our
 * kinds.
 */
export async function attemptOf<R>(stateRoot: string, input: StepInput, run: Run<R>): Promise<R> {
  const context = Context.current();
  const controller = new AbortController();
  const key = `${stateRoot}\n${input.environment}\n${input.key}`;
  atWork
    .get(key)
    ?.abort(new ActFailure('stale-attempt', 'A newer attempt of this step has begun; nothing more was done.'));
  atWork.set(key, controller);
  const signal = AbortSignal.any([controller.signal, context.cancellationSignal]);
  let shown = '';
  const heartbeat = setInterval(() => context.heartbeat(shown), heartbeatEveryMs);
  try {
    const progress = (text: string): void => {
      shown = text;
    };
    return await onFullDisk(stateRoot, input, (keeping) => run(context.info.attempt, signal, progress, keeping));
  } catch (error) {
    if (context.cancellationSignal.aborted && !(error instanceof ActFailure && error.kind === 'stale-attempt')) {
      if (context.cancellationDetails?.workerShutdown) {
        throw toApplicationFailure(
          new ActFailure(workerStopped, 'The worker was asked to stop; the step goes on in the next one.', {
            cause: error,
          }),
        );
      }
      throw new CancelledFailure(
        'The step was cancelled; what it had begun is in the journal.',
        [],
        error instanceof Error ? error : undefined,
      );
    }
    throw toApplicationFailure(asActFailure(error));
  } finally {
    clearInterval(heartbeat);
    if (atWork.get(key) === controller) atWork.delete(key);
  }
}

/** Ends every attempt of this environment in this process: the emergency path takes over. */
export function abortAttempts(stateRoot: string, environment: string, except: string): void {
  for (const [key, controller] of atWork) {
    if (!key.startsWith(`${stateRoot}\n${environment}\n`) || key.endsWith(`\n${except}`)) continue;
    controller.abort(new ActFailure('stale-attempt', 'The emergency path has taken over; nothing more was done.'));
  }
}

/** The first error counts; that it could not be journaled as well is told with it, not instead of it. */
function closeQuietly(room: OpenRoom, error: unknown): void {
  const { cancellationSignal, cancellationDetails } = Context.current();
  const stale = asActFailure(error).kind === 'stale-attempt';
  try {
    if (!cancellationSignal.aborted || stale) room.ended('failed', asActFailure(error).message);
    else if (cancellationDetails?.workerShutdown) room.ended('cancelled', 'The worker was asked to stop.');
    else room.ended('cancelled', 'It was broken off; what it had begun stands above.');
  } catch (second) {
    if (error instanceof Error && error.cause === undefined) error.cause = second;
  }
}
