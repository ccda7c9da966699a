import { setTimeout as wait } from 'node:timers/promises';
import { ActFailure } from '../kernel/failures.ts';
import type { Room } from '../kernel/room.ts';
import type { ContainerFacts } from '../kernel/world.ts';
import { lastDone } from './stage-of.ts';

/** What every change of a container's state shares: look, do only what is missing, look again. */

/** Has processes, or will have them in a moment. */
export function lives(facts: Pick<ContainerFacts, 'state'> | undefined): boolean {
  return facts !== undefined && ['running', 'paused', 'restarting'].includes(facts.state);
}

const never = { name: 'no', maximumRetryCount: 0 };

/** Keeps a container down once it is down. @returns whether anything had to be done */
export async function forbidRestart(room: Room, { id, name, restartPolicy }: ContainerFacts): Promise<boolean> {
  if (restartPolicy.name === 'no') return false;
  await setPolicy(room, { id, name }, restartPolicy, never);
  return true;
}

export async function setPolicy(
  room: Room,
  { id, name }: { readonly id: string; readonly name: string },
  from: ContainerFacts['restartPolicy'],
  to: ContainerFacts['restartPolicy'],
): Promise<void> {
  await room.effect(
    { kind: 'set-restart-policy', target: id, recovery: 'do-again', detail: { name, from, to } },
    async () => {
      await room.world.docker.setRestartPolicy(id, to);
      return 'done' as const;
    },
  );
}

/** Seconds of grace: the container's own, bounded so that one slow container cannot use up the step's time. */
export function graceOf(room: Room, { stopTimeoutS }: ContainerFacts): number {
  return Math.min(stopTimeoutS ?? 10, room.input.mode === 'emergency' ? 30 : 60);
}

/**
 * Ends a container that lives. Killed means never unpaused, so that it writes not another byte; stopped means unpaused
 * first, back to back, because a paused one gets the signal only when its grace is over (facts).
 */
export async function endContainer(room: Room, facts: ContainerFacts, how: 'kill' | 'stop'): Promise<void> {
  const { id, name, state } = facts;
  const { docker } = room.world;
  if (how === 'stop' && state === 'paused') {
    await room.effect({ kind: 'unpause', target: id, recovery: 'do-again', detail: { name } }, () =>
      docker.unpause(id),
    );
  }
  const graceS = graceOf(room, facts);
  // Whether it comes back is told by another start time of the engine's: instants of our own clock may jump.
  const detail = { name, startedAt: facts.startedAt };
  await room.effect({ kind: how, target: id, recovery: 'do-again', detail }, () =>
    how === 'kill' ? docker.kill(id) : docker.stop(id, graceS),
  );
  await awaitState(room, facts, 'is still alive after it was ended', (now) => !lives(now));
}

/**
 * An effect whose answer was lost and which the world shows to be done: the journal says so, for it is from there that
 * the watch and the judgement know since when a container has to be down.
 * @returns whether there was one
 */
export async function settleLost(room: Room, id: string, kinds: readonly string[]): Promise<boolean> {
  if (lastDone(room, id, kinds) !== undefined) return false;
  const lost = room.journal
    .unconfirmedIntents()
    .find(({ effect }) => effect.target === id && kinds.includes(effect.kind));
  if (lost === undefined) return false;
  const { kind, detail = {} } = lost.effect;
  await room.effect({ kind, target: id, recovery: 'do-again', detail }, async () => 'already' as const);
  return true;
}

const settleMs = 10_000;

/**
 * Looks until the container is as wanted: the engine answers some changes before they show.
 * @throws ActFailure `docker-refused` after some seconds
 */
export async function awaitState(
  room: Pick<Room, 'world' | 'signal'>,
  { id, name }: { readonly id: string; readonly name: string },
  otherwise: string,
  wanted: (now: ContainerFacts | undefined) => boolean,
): Promise<ContainerFacts | undefined> {
  const deadline = performance.now() + settleMs;
  for (;;) {
    const now = await room.world.docker.inspect(id);
    if (wanted(now)) return now;
    if (performance.now() > deadline) {
      throw new ActFailure('docker-refused', `${name} ${otherwise}: it is ${now?.state ?? 'gone'}.`, {
        data: { id, state: now?.state ?? 'gone' },
      });
    }
    await wait(100, undefined, { signal: room.signal });
  }
}
