import { findStable, type StableContainer } from '../checks/find-stable.ts';
import { scenarioIfKnown } from '../data/scenario-of.ts';
import { ActFailure } from '../kernel/failures.ts';
import { findRecord, readRecoveryPlan } from '../kernel/records.ts';
import type { ActBody, Room } from '../kernel/room.ts';
import { endContainer, forbidRestart, lives } from './change-container.ts';
import { doForEach } from './do-for-each.ts';
import { findSystems } from './find-containers.ts';
import { oweExperiment, owePolicy, oweStable } from './stable-obligations.ts';

/**
 * Runbook 2.2, as far as it is needed: stops what uses the data that go back, since a mount pins the folder it was made
 * of (facts) and a writer would write into it. Only containers of the recovery plan, or what has replaced one of them;
 * none restarts meanwhile, and that each has to run again is owed before it is stopped.
 * @throws ActFailure naming what could not be stopped, after all others were
 */
export const stopDataUsers: ActBody = async (room) => {
  const { stopForData } = readRecoveryPlan(room);
  const users = await usersOf(room, stopForData);
  const alive = users.filter(({ facts }) => lives(facts));
  const ofStable = alive.filter(({ system }) => system === 'stable');
  const ofExperiment = alive.filter(({ system }) => system === 'experiment');
  if (ofStable.length > 0) oweStable(room, ofStable);
  if (ofExperiment.length > 0) oweExperiment(room, ofExperiment);
  const ended = await doForEach(
    'stopped',
    users.map((user) => ({ ...user, name: user.facts.name })),
    (user) => stop(room, user),
  );
  const stopped = ended.filter((one) => one).length;
  const names = users.map(({ facts }) => facts.name).join(', ');
  return {
    outcome: stopped === 0 ? 'already-done' : 'done',
    reason:
      stopped === 0
        ? `Nothing that uses the data runs${names === '' ? '' : `: ${names}`}.`
        : `Stopped for the restore, kept from restarting: ${names}. They are started again at its end.`,
    figures: { planned: stopForData.length, stopped },
  };
};

interface DataUser extends StableContainer {
  readonly system: 'stable' | 'experiment';
}

/** Found anew: a container that somebody has replaced since the plan uses the same data under another id. */
async function usersOf(room: Room, stopForData: readonly string[]): Promise<readonly DataUser[]> {
  const stable = (await findStable(room)).containers;
  // When only data go back, the experiment goes on after the swap; a whole rollback has stopped it long ago.
  const others = scenarioIfKnown(room) === 'data-migration' ? (await findSystems(room)).experiment : [];
  const containers: readonly DataUser[] = [
    ...stable.map((each) => ({ ...each, system: 'stable' as const })),
    ...others.map(({ facts, service }) => ({ facts, service: service ?? facts.name, system: 'experiment' as const })),
  ];
  const present = new Set(containers.map(({ facts }) => facts.id));
  const absent = stopForData.filter((id) => !present.has(id));
  for (const id of absent) await refuseForeign(room, id);
  const replaced = servicesOf(room, absent);
  return containers.filter(
    ({ service, facts, system }) => stopForData.includes(facts.id) || (system === 'stable' && replaced.has(service)),
  );
}

/** @throws ActFailure `refused`: a container that is there and not of the stable system is none of ours to stop */
async function refuseForeign(room: Room, id: string): Promise<void> {
  const facts = await room.world.docker.inspect(id);
  if (facts === undefined) return;
  throw new ActFailure(
    'refused',
    `The recovery plan names ${facts.name}, which is of neither system; nothing was stopped.`,
    { data: { id } },
  );
}

function servicesOf(room: Room, gone: readonly string[]): ReadonlySet<string> {
  if (gone.length === 0) return new Set();
  const planned = findRecord(room, 'containment')?.stable ?? [];
  const known = planned.flatMap(({ id, service }) => (gone.includes(id) && service !== null ? [service] : []));
  // An id that nobody knows any more may have been any of them.
  return known.length === gone.length ? new Set(known) : new Set(room.target.stable.services);
}

/** @returns whether anything had to be done */
async function stop(room: Room, { facts }: DataUser): Promise<boolean> {
  const policy = facts.restartPolicy.name !== 'no';
  if (policy) owePolicy(room, facts);
  await forbidRestart(room, facts);
  if (lives(facts)) await endContainer(room, facts, facts.state === 'restarting' ? 'kill' : 'stop');
  return policy || lives(facts);
}
