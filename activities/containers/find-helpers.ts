import type { Room } from '../kernel/room.ts';
import { classify } from './find-containers.ts';

/**
 * Running containers of others that hold the engine's socket: helpers of the kind of autoheal and watchtower start again
 * what was stopped (facts), and the engine's events do not say who did it. They are named, never touched.
 */
export async function findHelpers(room: Pick<Room, 'world' | 'target'>): Promise<readonly string[]> {
  const { docker } = room.world;
  const sockets = new Set([docker.endpoint.replace('unix://', ''), '/var/run/docker.sock', '/run/docker.sock']);
  const running = (await docker.list()).filter(({ state }) => state === 'running');
  const foreign = running.filter((one) => classify(room, one).system === 'foreign');
  const found = await Promise.all(foreign.map(({ id }) => docker.inspect(id)));
  return found
    .filter((facts) => facts?.mounts.some(({ source }) => sockets.has(source)) === true)
    .flatMap((facts) => (facts === undefined ? [] : [facts.name]));
}
