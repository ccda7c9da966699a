import { join } from 'node:path';
import { ensureDir } from '../../vault/durable-file.ts';
import { ActFailure } from '../kernel/failures.ts';
import { readCheckpoint } from '../kernel/records.ts';
import type { Room } from '../kernel/room.ts';
import { stackOf } from './stack-of.ts';

/** Image ids of the checkpoint by service; empty without one. */
export function pinsOf(room: Room): Readonly<Record<string, string>> {
  return Object.fromEntries((readCheckpoint(room)?.images ?? []).map(({ service, image }) => [service, image]));
}

/**
 * Has compose make the containers of some stable services, on the given image ids, without build or pull (design §4.2).
 * @param keepExisting leaves containers alone that are there, whatever their configuration
 * @throws ActFailure `refused` when a pinned image is not on this engine; `compose-failed`
 */
export async function createStable(
  room: Room,
  wanted: {
    readonly services: readonly string[];
    readonly pins: Readonly<Record<string, string>>;
    readonly keepExisting: boolean;
  },
): Promise<void> {
  const { services, pins, keepExisting } = wanted;
  const images = Object.fromEntries(
    services.flatMap((service) => (pins[service] ? [[service, pins[service]] as const] : [])),
  );
  await assertImages(room, images);
  ensureDir(room.rollback.planDir);
  const overrideFile = join(room.rollback.planDir, 'pinned-images.yml');
  const detail = { services, images, keepExisting };
  await room.effect({ kind: 'compose-up', target: services.join(','), recovery: 'do-again', detail }, async () => {
    const { exitCode, output } = await room.world.compose.up(stackOf(room, room.target.stable), {
      services,
      images: await neededPins(room, images),
      overrideFile,
      marker: room.marker,
      keepExisting,
      signal: room.signal,
    });
    if (exitCode === 0) return 'done' as const;
    const said = output.trim().split('\n').slice(-5).join(' | ').slice(-600);
    throw new ActFailure('compose-failed', `compose up of ${services.join(', ')} ended ${exitCode}: ${said}`);
  });
}

/** @throws ActFailure `refused`: without the image nothing may be taken down for it */
export async function assertImages(room: Room, images: Readonly<Record<string, string>>): Promise<void> {
  const absent: string[] = [];
  for (const [service, image] of Object.entries(images)) {
    if (image !== '' && (await room.world.docker.imageId(image)) === undefined) absent.push(`${service} (${image})`);
  }
  if (absent.length === 0) return;
  throw new ActFailure(
    'refused',
    `The image of the checkpoint is not on this engine for ${absent.join(', ')}; nothing was replaced.`,
  );
}

/**
 * Only where the name in the compose file means another image: a container made with an override is another
 * configuration to compose, and the user's next `up` would replace it.
 */
async function neededPins(
  room: Room,
  images: Readonly<Record<string, string>>,
): Promise<Readonly<Record<string, string>>> {
  if (Object.keys(images).length === 0) return {};
  const { services } = await room.world.compose.config(stackOf(room, room.target.stable), room.marker);
  const needed: [string, string][] = [];
  for (const [service, image] of Object.entries(images)) {
    const reference = services[service]?.image;
    const means = reference === undefined ? undefined : await room.world.docker.imageId(reference);
    if (means !== image) needed.push([service, image]);
  }
  return Object.fromEntries(needed);
}
