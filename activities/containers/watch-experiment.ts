import { setTimeout as wait } from 'node:timers/promises';
import { asActFailure } from '../kernel/act.ts';
import { readContainmentPlan } from '../kernel/records.ts';
import type { ActBody, Room } from '../kernel/room.ts';
import type { ContainerFacts, EngineEvent } from '../kernel/world.ts';
import { lives } from './change-container.ts';
import { doForEach } from './do-for-each.ts';
import { experimentOf, readAdded } from './experiment-of.ts';
import { classify } from './find-containers.ts';
import { putBack } from './put-back.ts';
import { readReturns } from './returns.ts';
import { lastDone, type Stage, stageOf } from './stage-of.ts';

/** The stream of events may end without a word: so often everything is looked at, whatever was told. */
const sweepMs = 15_000;
const retryMs = 1_000;

const wakes = /^(start|restart|unpause)$/;

/**
 * Watches until it is cancelled that the experiment stays out (design §4.8). One that comes back is put back into the
 * state it was in, stopped or paused, and written down for the judgement. Gaps between two streams of events are
 * bridged by id, start time and state: the engine remembers little (facts). Containers that this rollback has not
 * touched are left alone.
 * @throws the abort's reason: a watch has no other end
 */
export const watchExperiment: ActBody = async (room) => {
  for (;;) {
    room.beforeEffect();
    try {
      const since = new Date(room.world.now()).toISOString();
      await sweep(room);
      room.progress(`watching; ${readReturns(room).length} came back so far`);
      await follow(room, since);
    } catch (error) {
      room.signal.throwIfAborted();
      const failure = asActFailure(error);
      if (failure.kind !== 'docker-unavailable' && failure.kind !== 'docker-refused') throw failure;
      // The engine is away or did not do as told: whatever is missed meanwhile the next sweep finds.
      room.progress(`watching; at the moment: ${failure.message}`);
      await wait(retryMs, undefined, { signal: room.signal });
    }
  }
};

/** Reads events for one round. */
async function follow(room: Room, since: string): Promise<void> {
  const round = AbortSignal.timeout(sweepMs);
  for await (const event of room.world.docker.events({ since, signal: AbortSignal.any([room.signal, round]) })) {
    if (isReturn(room, event)) await sweep(room);
  }
  room.signal.throwIfAborted();
  // An engine that goes down ends the stream without an error.
  if (!round.aborted) await wait(retryMs, undefined, { signal: room.signal });
}

function isReturn(room: Room, { type, action, id, name, labels }: EngineEvent): boolean {
  if (type !== 'container' || !wakes.test(action)) return false;
  const known = [...readContainmentPlan(room).experiment, ...readAdded(room)].some((one) => one.id === id);
  return known || classify(room, { name, labels }).system === 'experiment';
}

/** Looks at every container of the experiment and puts back, at the same time, all that came back. */
async function sweep(room: Room): Promise<void> {
  const { containers, newcomers } = await experimentOf(room);
  const isNew = new Set(newcomers.map(({ id }) => id));
  const found = await Promise.all(containers.map(({ id }) => room.world.docker.inspect(id)));
  const back = found
    .filter((facts) => facts !== undefined)
    .map((facts) => ({ facts, name: facts.name, stage: stageOf(room, facts.id), isNew: isNew.has(facts.id) }))
    .filter(({ facts, stage }) => cameBack(room, facts, stage));
  await doForEach('put back', back, (one) => putBack(room, one.facts, one));
}

function cameBack(room: Room, facts: ContainerFacts, stage: Stage): boolean {
  if (stage === 'untouched') return false;
  if (stage === 'paused') return facts.state === 'running' || facts.state === 'restarting';
  return lives(facts) || startedAgain(room, facts);
}

/** It may have come and gone between two looks; told once for each start. */
function startedAgain(room: Room, { id, startedAt }: ContainerFacts): boolean {
  const ended = lastDone(room, id, ['stop', 'kill'])?.startedAt;
  if (ended === undefined || startedAt === ended) return false;
  return !readReturns(room).some((known) => known.id === id && known.startedAt === startedAt);
}
