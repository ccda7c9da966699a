import { realpathSync } from 'node:fs';
import { errorCode } from '../../vault/errors.ts';
import type { Room } from '../kernel/room.ts';
import type { ContainerFacts } from '../kernel/world.ts';

type DataRoot = Room['target']['data'][number];

export interface Mounted {
  readonly source: string;
  readonly name: string | null;
}

/** Whether a container's mount reaches data of the root: its volume, or a host path above or below its folder. */
export function coversRoot(mount: Mounted, root: DataRoot, path: string | null): boolean {
  if (root.kind === 'volume' && mount.name === root.volume) return true;
  return path !== null && overlaps(realOf(mount.source), realOf(path));
}

/** Whether one path is the other, or holds it. */
export function overlaps(a: string, b: string): boolean {
  return `${a}/`.startsWith(`${b}/`) || `${b}/`.startsWith(`${a}/`);
}

/** Containers of this engine that have processes and may write to the root, whosoever they are. */
export async function findWriters(
  room: Pick<Room, 'world'>,
  root: DataRoot,
  path: string | null,
): Promise<readonly ContainerFacts[]> {
  const alive = (await room.world.docker.list()).filter(({ state }) => state !== 'exited' && state !== 'created');
  const facts = await Promise.all(alive.map(({ id }) => room.world.docker.inspect(id)));
  return facts
    .filter((each) => each !== undefined)
    .filter(({ state }) => ['running', 'paused', 'restarting'].includes(state))
    .filter(({ mounts }) => mounts.some((mount) => mount.writable && coversRoot(mount, root, path)));
}

export function realOf(path: string): string {
  try {
    return realpathSync(path);
  } catch (error) {
    if (errorCode(error) === undefined) throw error;
    return path;
  }
}
