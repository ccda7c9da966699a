import { createHash } from 'node:crypto';
import type { CheckpointRecord } from '../../contract/records.ts';
import { findStable, type StableContainer } from '../checks/find-stable.ts';
import { ActFailure } from '../kernel/failures.ts';
import type { ActBody, Room } from '../kernel/room.ts';
import { writePart } from './parts.ts';

/** Our own repository of image names: a prune or a moved tag does not take an image away that is held here. */
const heldIn = 'durable-rollback';

/**
 * Image ids of the stable containers that run, each held by a tag of ours (facts: code back is not image back). A
 * checkpoint is of a system that is known to be good: one that does not run is not recorded.
 */
export const captureImages: ActBody = async (room) => {
  const { containers, missing } = await findStable(room);
  const idle = containers.filter(({ facts }) => facts.state !== 'running' || facts.health === 'unhealthy');
  const wrong = [
    ...missing.map((service) => `${service} has no container`),
    ...idle.map(
      ({ service, facts }) => `${service} is ${facts.state}${facts.health === 'unhealthy' ? ', unhealthy' : ''}`,
    ),
    ...mixed(containers),
  ];
  if (wrong.length > 0) {
    return { outcome: 'failed', reason: `The stable system is not whole: ${wrong.join('; ')}. No image was recorded.` };
  }
  const images: CheckpointRecord['images'][number][] = [];
  let held = 0;
  for (const { service, facts } of onePerService(containers)) {
    const tag = tagOf(room, service);
    if ((await hold(room, facts.image, tag)) === 'done') held += 1;
    images.push({
      service,
      image: facts.image,
      reference: facts.imageReference,
      heldBy: `${tag.repository}:${tag.name}`,
      configHash: facts.labels['com.docker.compose.config-hash'] ?? null,
    });
  }
  const file = writePart(room, 'images', images);
  return {
    outcome: held === 0 ? 'already-done' : 'done',
    reason: `${images.map(({ service, heldBy }) => `${service} held by ${heldBy}`).join('; ')}.`,
    figures: { services: images.length, held },
    files: [file],
  };
};

function mixed(containers: readonly StableContainer[]): readonly string[] {
  const images = new Map<string, Set<string>>();
  for (const { service, facts } of containers) images.set(service, (images.get(service) ?? new Set()).add(facts.image));
  return [...images].filter(([, ids]) => ids.size > 1).map(([service]) => `${service} runs on several images`);
}

function onePerService(containers: readonly StableContainer[]): readonly StableContainer[] {
  return [...new Map(containers.map((container) => [container.service, container])).values()];
}

interface Tag {
  readonly repository: string;
  readonly name: string;
}

/** `durable-rollback/<environment>:<checkpoint>-<service>`; what is too long for a tag ends in a digest. */
function tagOf({ input }: Room, service: string): Tag {
  const name = `${input.rollbackId}-${service}`;
  const digest = createHash('sha256').update(name).digest('hex').slice(0, 12);
  const short = name.length <= 128 ? name : `${name.slice(0, 115)}-${digest}`;
  return { repository: `${heldIn}/${input.environment}`, name: short };
}

async function hold(room: Room, image: string, { repository, name }: Tag): Promise<'done' | 'already'> {
  const { docker } = room.world;
  const reference = `${repository}:${name}`;
  if ((await docker.imageId(reference)) === image) return 'already';
  await room.effect({ kind: 'tag-image', target: reference, recovery: 'do-again', detail: { image } }, async () => {
    await docker.tag(image, repository, name);
    return 'done' as const;
  });
  const now = await docker.imageId(reference);
  if (now === image) return 'done';
  throw new ActFailure('docker-refused', `${reference} names ${now ?? 'no image'} and not ${image} after it was set.`);
}
