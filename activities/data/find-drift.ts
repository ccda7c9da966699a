import type { CheckpointRecord, Findings } from '../../contract/records.ts';
import { findStable, type StableSystem } from '../checks/find-stable.ts';
import type { Room } from '../kernel/room.ts';
import type { ContainerFacts } from '../kernel/world.ts';

type Drift = Findings['stableDrift'][number];

/**
 * Stable services that are not as the checkpoint recorded them: image by id, since a tag may have moved, and the hash
 * that compose wrote on the container. Without a recorded checkpoint only absence can be seen.
 */
export async function findDrift(
  room: Pick<Room, 'world' | 'target' | 'layout'>,
  checkpoint: CheckpointRecord | null,
  system?: StableSystem,
): Promise<readonly Drift[]> {
  const { containers, missing } = system ?? (await findStable(room));
  const gone = missing.map((service): Drift => ({ service, what: 'missing', reason: 'it has no container' }));
  const drifted = containers.flatMap(({ service, facts }) => {
    const recorded = checkpoint?.images.find((held) => held.service === service);
    if (recorded === undefined) return [];
    return [...imageDrift(service, facts, recorded.image), ...configurationDrift(room, { service, facts, recorded })];
  });
  return [...gone, ...drifted];
}

function imageDrift(service: string, { image }: ContainerFacts, expected: string): readonly Drift[] {
  if (image === expected) return [];
  return [{ service, what: 'image', reason: `it runs on ${short(image)}, the checkpoint on ${short(expected)}` }];
}

function configurationDrift(
  room: Pick<Room, 'layout'>,
  seen: {
    readonly service: string;
    readonly facts: ContainerFacts;
    readonly recorded: CheckpointRecord['images'][number];
  },
): readonly Drift[] {
  const { service, facts, recorded } = seen;
  const now = facts.labels['com.docker.compose.config-hash'];
  if (recorded.configHash === null || now === undefined || now === recorded.configHash) return [];
  // A container that an earlier rollback started on a pinned image has another hash for that reason alone.
  const files = facts.labels['com.docker.compose.project.config_files'] ?? '';
  if (files.split(',').some((file) => file.startsWith(`${room.layout.root}/`))) return [];
  return [{ service, what: 'configuration', reason: 'its container was made from another compose configuration' }];
}

function short(image: string): string {
  return image.replace('sha256:', '').slice(0, 12);
}
