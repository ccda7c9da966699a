import { experimentOf } from '../containers/experiment-of.ts';
import type { Room } from '../kernel/room.ts';
import type { ContainerFacts } from '../kernel/world.ts';

export interface EvidenceContainers {
  /** The experiment's that are there, then those that the target names beside them. */
  readonly there: readonly ContainerFacts[];
  /** Names of containers that are not there (any more). */
  readonly missing: readonly string[];
}

/** Containers whose logs and exit states are kept. */
export async function findEvidenceContainers(room: Room): Promise<EvidenceContainers> {
  const { containers } = await experimentOf(room);
  const ids = new Map(containers.map(({ id, name }) => [id, name]));
  const listed = await room.world.docker.list();
  const missing: string[] = [];
  for (const name of room.target.evidence.containers) {
    const found = listed.find((one) => one.name === name);
    if (found === undefined) missing.push(name);
    else ids.set(found.id, name);
  }
  const there: ContainerFacts[] = [];
  for (const [id, name] of ids) {
    const facts = await room.world.docker.inspect(id);
    if (facts === undefined) missing.push(name);
    else there.push(facts);
  }
  return { there, missing };
}
