import type { PlannedContainer } from '../../contract/records.ts';
import { type ContainerAct, decideContainer } from '../../runbook/decide-undo.ts';
import { findStable } from '../checks/find-stable.ts';
import { lives } from '../containers/change-container.ts';
import type { Room } from '../kernel/room.ts';
import type { ContainerFacts } from '../kernel/world.ts';
import { madeAgainLabel } from './container-body.ts';
import { cutFrom, type UndoneRollback, wholeOf } from './undone-rollback.ts';

/** What one container needs to be as before. */
export interface ContainerChange {
  /** Id before the rollback. */
  readonly id: string;
  readonly name: string;
  readonly system: 'experiment' | 'stable';
  readonly was: string;
  readonly acts: readonly ContainerAct[];
  readonly before: PlannedContainer;
  /** The same container now, or the one that was made again of it. */
  readonly now: ContainerFacts | undefined;
}

export interface ContainerPlan {
  readonly changes: readonly ContainerChange[];
  readonly exceptions: readonly string[];
}

/** Both systems, stable first: an experiment may need it. Looks only. */
export async function planContainers(room: Room, undone: UndoneRollback): Promise<ContainerPlan> {
  const again = await madeAgain(room);
  const changes: ContainerChange[] = [];
  const exceptions: string[] = [];
  for (const [system, containers] of [
    ['stable', undone.stable],
    ['experiment', undone.experiment],
  ] as const) {
    for (const before of containers) {
      const same = await room.world.docker.inspect(before.id);
      const now = same ?? again.get(before.id);
      const cut = cutFrom(undone, before.id).filter(({ networkId }) => now?.networkIds.includes(networkId) === false);
      const { acts, exception } = decideContainer(before, {
        state: now?.state ?? null,
        restartPolicy: now?.restartPolicy ?? null,
        keptWhole: wholeOf(undone, before.id) !== undefined,
        cutNetworks: same === undefined ? 0 : cut.length,
      });
      const { id, name, state } = before;
      if (acts.length > 0) changes.push({ id, name, system, was: state, acts, before, now });
      if (exception !== null) exceptions.push(`${name}: ${exception}`);
      else if (same === undefined)
        exceptions.push(`${name}: it was made again from its captured layer, under a new id`);
    }
  }
  const made = await madeByRollback(room, undone);
  return {
    changes,
    exceptions: [...exceptions, ...made.map(({ name }) => `${name}: the rollback made it; it is left as it is`)],
  };
}

/** Containers that were made again, by the id they had before. */
async function madeAgain(room: Room): Promise<ReadonlyMap<string, ContainerFacts>> {
  const found = new Map<string, ContainerFacts>();
  for (const { id, labels } of await room.world.docker.list()) {
    const was = labels[madeAgainLabel];
    const facts = was === undefined ? undefined : await room.world.docker.inspect(id);
    if (was !== undefined && facts !== undefined) found.set(was, facts);
  }
  return found;
}

/** A service that had no container has one now: it serves, and nothing of before is in its way. */
async function madeByRollback(room: Room, { stableMissing }: UndoneRollback): Promise<readonly ContainerFacts[]> {
  const { containers } = await findStable(room);
  return containers
    .filter(({ service, facts }) => stableMissing.includes(service) && lives(facts))
    .map(({ facts }) => facts);
}
