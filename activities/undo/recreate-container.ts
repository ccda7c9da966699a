import { dirname } from 'node:path';
import { endContainer, lives } from '../containers/change-container.ts';
import { findSystems } from '../containers/find-containers.ts';
import type { WholeContainer } from '../evidence/capture-whole.ts';
import { captureWhole } from '../evidence/capture-whole.ts';
import { ActFailure } from '../kernel/failures.ts';
import type { Room } from '../kernel/room.ts';
import type { ContainerFacts } from '../kernel/world.ts';
import { containerBody } from './container-body.ts';

/**
 * Makes a container again from what was captured of it: its definition on an image of its own writable layer, with the
 * same name, networks and volumes. Whatever of ours has its name by now is captured whole before it goes.
 * @returns the new container's id
 * @throws ActFailure `refused` when somebody else's container has the name, or the captured image is gone
 */
export async function recreateContainer(room: Room, whole: WholeContainer): Promise<string> {
  const { docker } = room.world;
  const { reference, id: image } = whole.image;
  if ((await docker.imageId(reference)) !== image) {
    throw new ActFailure(
      'refused',
      `The image ${reference} that was captured of ${whole.name} is not there; it was not made again.`,
    );
  }
  await makeRoom(room, whole.name);
  const { body, connections } = containerBody(whole.inspect, reference);
  let made = '';
  const detail = { name: whole.name, was: whole.id, image: reference };
  await room.effect({ kind: 'create', target: whole.name, recovery: 'verify-then-skip', detail }, async () => {
    made = await docker.create(whole.name, body);
    return 'done';
  });
  for (const { network, aliases, addresses } of connections) {
    await room.effect({ kind: 'connect', target: made, recovery: 'do-again', detail: { network } }, () =>
      docker.connect(network, made, aliases, addresses),
    );
  }
  for (const { destination, archive } of whole.anonymousVolumes) {
    if (archive === null) continue;
    room.beforeEffect();
    // The engine's tar has the folder itself as its first name.
    await docker.putArchive(made, dirname(destination), archive.file);
  }
  return made;
}

async function makeRoom(room: Room, name: string): Promise<void> {
  const holder = (await room.world.docker.list()).find((one) => one.name === name);
  if (holder === undefined) return;
  const { experiment, stable } = await findSystems(room);
  const own = [...experiment, ...stable].find(({ facts }) => facts.id === holder.id)?.facts;
  if (own === undefined) {
    throw new ActFailure('refused', `A container that is none of ours is called ${name}; it was not touched.`);
  }
  await replace(room, own);
}

/** Kept whole, layer and log, before it is removed; its volumes stay. */
async function replace(room: Room, facts: ContainerFacts): Promise<void> {
  if (lives(facts)) await endContainer(room, facts, facts.state === 'restarting' ? 'kill' : 'stop');
  await captureWhole(room, facts, { as: 'replaced', why: 'the undo brings the one of before back', volumesGo: false });
  await room.effect({ kind: 'remove', target: facts.id, recovery: 'do-again', detail: { name: facts.name } }, () =>
    room.world.docker.remove(facts.id),
  );
}
