import type { ContainmentPlan } from '../../contract/records.ts';
import type { Planned } from '../../contract/rollback.ts';
import { ActFailure } from '../kernel/failures.ts';
import { identityOf } from '../kernel/identity.ts';
import { fileRef, findRecord, recordHash, recordPath, writeRecord } from '../kernel/records.ts';
import type { ActBody, Room } from '../kernel/room.ts';
import { readAdded, unknownOf } from './experiment-of.ts';
import { findSystems, plannedOf, type Systems } from './find-containers.ts';

/**
 * Which containers are the experiment's and which the stable system's, from the list alone (runbook 1.1). The first
 * look counts, because it alone knows how things were before; later ones add what has appeared since.
 */
export const planContainment: ActBody<Planned> = async (room) => {
  const identity = await identityOf(room.world);
  const systems = await findSystems(room);
  const earlier = findRecord(room, 'containment');
  if (earlier === undefined) {
    const plan = firstPlan(room, systems, identity);
    return written(room, plan, { outcome: 'done', reason: `${told(plan)}; ${systems.foreign} others are left alone.` });
  }
  if (earlier.daemonId !== identity.daemonId) {
    throw new ActFailure(
      'another-machine',
      'The containment plan of this rollback was made on another Docker engine; nothing was changed.',
      { data: { planned: earlier.daemonId, found: identity.daemonId } },
    );
  }
  const plan = grown(room, earlier, systems);
  if (recordHash(plan) === recordHash(earlier)) {
    return {
      outcome: 'already-done',
      reason: `The plan made at ${earlier.at} stands: ${told(earlier)}.`,
      hash: recordHash(earlier),
      figures: figuresOf(earlier),
      files: [fileRef(recordPath(room, 'containment'))],
    };
  }
  const joined = [...plan.experiment.slice(earlier.experiment.length), ...plan.stable.slice(earlier.stable.length)];
  const names = joined.map(({ name }) => name).join(', ');
  return written(room, plan, {
    outcome: 'done',
    reason: `The plan made at ${earlier.at} stands, and takes in what has appeared since: ${names}.`,
  });
};

function firstPlan(
  room: Room,
  systems: Systems,
  { daemonId, machineId }: { readonly daemonId: string; readonly machineId: string },
): ContainmentPlan {
  const present = new Set(systems.stable.map(({ service }) => service));
  return {
    format: 1,
    at: new Date(room.world.now()).toISOString(),
    daemonId,
    machineId,
    experiment: systems.experiment.map(plannedOf),
    stable: systems.stable.map(plannedOf),
    stableMissing: room.target.stable.services.filter((service) => !present.has(service)),
  };
}

function grown(room: Room, earlier: ContainmentPlan, systems: Systems): ContainmentPlan {
  const added = readAdded(room).filter(({ id }) => !earlier.experiment.some((known) => known.id === id));
  const experiment = [...earlier.experiment, ...added];
  return {
    ...earlier,
    experiment: [...experiment, ...unknownOf(systems.experiment, experiment)],
    stable: [...earlier.stable, ...unknownOf(systems.stable, earlier.stable)],
  };
}

function written(room: Room, plan: ContainmentPlan, how: Pick<Planned, 'outcome' | 'reason'>): Planned {
  const { hash, file } = writeRecord(room, 'containment', plan);
  return { ...how, hash, figures: figuresOf(plan), files: [file] };
}

function told({ experiment, stable, stableMissing }: ContainmentPlan): string {
  const missing = stableMissing.length === 0 ? '' : `, no container for ${stableMissing.join(', ')}`;
  return `${experiment.length} containers of the experiment, ${stable.length} of the stable system${missing}`;
}

function figuresOf({ experiment, stable, stableMissing }: ContainmentPlan): NonNullable<Planned['figures']> {
  return { experiment: experiment.length, stable: stable.length, stableMissing: stableMissing.length };
}
