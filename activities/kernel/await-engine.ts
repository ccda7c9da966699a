import { setTimeout as wait } from 'node:timers/promises';
import { asActFailure, type FailureKind } from './failures.ts';
import type { Room } from './room.ts';

const askEveryMs = 500;
/** An engine that wakes or comes up first carries out what it was sent before (facts). */
const settleMs = 1_000;
/** One call that gets no answer from an engine that answers others: looked at again, but not for ever. */
const looksAgain = 3;

/** Failures behind which an engine that is away may stand. */
const maybeAway: readonly FailureKind[] = ['docker-unavailable', 'compose-failed'];

/**
 * Does an act although the engine goes away: killed, restarted, frozen, or its reply lost. Nothing is known of what it
 * did last, so the act begins again when the engine answers, and looks at the world first. It gives up with its
 * failure when the engine was there all the time, and with its timeout when the engine stays away.
 */
export async function throughOutages<R>(room: Room, act: () => Promise<R>): Promise<R> {
  for (let again = 1; ; again += 1) {
    try {
      return await act();
    } catch (error) {
      room.signal.throwIfAborted();
      const { kind, message } = asActFailure(error);
      if (!maybeAway.includes(kind)) throw error;
      const awayMs = await awaitEngine(room, message);
      const lost = kind === 'docker-unavailable' && again <= looksAgain;
      if (awayMs === 0 && !lost) throw error;
      note(room, awayMs, message);
    }
  }
}

/**
 * Waits until the engine answers.
 * @param why what was seen of it, for those who watch
 * @param withinMs for ever when not given: then the step's own time ends it
 * @returns how long it was away, 0 when it answers at once
 * @throws the abort's reason; ActFailure `docker-unavailable` when it stays away
 */
export async function awaitEngine(
  room: Pick<Room, 'world' | 'signal' | 'progress'>,
  why: string,
  withinMs = Number.POSITIVE_INFINITY,
): Promise<number> {
  const began = performance.now();
  const since = new Date(room.world.now()).toISOString();
  for (let asked = 0; ; asked += 1) {
    try {
      await room.world.docker.info();
      room.signal.throwIfAborted();
      if (asked === 0) return 0;
      await wait(settleMs, undefined, { signal: room.signal });
      return performance.now() - began;
    } catch (error) {
      room.signal.throwIfAborted();
      if (performance.now() - began > withinMs) throw asActFailure(error);
      room.progress(`Docker does not answer since ${since}; waiting for it. ${why}`);
      await wait(askEveryMs, undefined, { signal: room.signal });
    }
  }
}

/** For `status` without a server, and for the report. */
function note(room: Room, awayMs: number, why: string): void {
  const { epoch, key, schedule } = room.input;
  const how = awayMs === 0 ? 'gave no answer' : `was away for ${Math.round(awayMs / 100) / 10} s`;
  room.beforeEffect();
  room.journal.append({
    at: new Date(room.world.now()).toISOString(),
    epoch,
    step: key,
    schedule,
    attempt: 1,
    kind: 'note',
    text: `Docker ${how}; the step looks again`,
    detail: { why },
  });
}
