import type { Room } from '../kernel/room.ts';
import type { ContainerFacts } from '../kernel/world.ts';

export interface StableContainer {
  readonly service: string;
  readonly facts: ContainerFacts;
}

export interface StableSystem {
  readonly containers: readonly StableContainer[];
  /** Stable services without any container. */
  readonly missing: readonly string[];
}

/**
 * The containers of the stable system as they are now, found anew by label: a container that was recreated has another
 * id than the one in the plan. Both stacks share a project (facts), so the service decides.
 */
export async function findStable(room: Pick<Room, 'world' | 'target'>): Promise<StableSystem> {
  const { compose, stable } = room.target;
  const containers: StableContainer[] = [];
  for (const { id, labels } of await room.world.docker.list()) {
    const service = labels['com.docker.compose.service'] ?? '';
    if (labels['com.docker.compose.project'] !== compose.project || !stable.services.includes(service)) continue;
    // `compose run` leaves containers with the same labels: they serve nobody.
    if (labels['com.docker.compose.oneoff']?.toLowerCase() === 'true') continue;
    const facts = await room.world.docker.inspect(id);
    if (facts !== undefined) containers.push({ service, facts });
  }
  const missing = stable.services.filter((service) => !containers.some((found) => found.service === service));
  return { containers, missing };
}

/** The container whose answers, memory and CPU stand for the system. */
export function primaryOf(room: Pick<Room, 'target'>, system: StableSystem): ContainerFacts | undefined {
  return system.containers.find(({ service }) => service === room.target.stable.primary)?.facts;
}
