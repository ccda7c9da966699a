import { accessSync, constants, statSync } from 'node:fs';
import { errorCode } from '../../vault/errors.ts';
import type { Room } from '../kernel/room.ts';

type DataRoot = Room['target']['data'][number];

/** Where the data of a root lie on this host, or why they cannot be looked at. `absent`: they are not there at all. */
export type Located = { readonly path: string } | { readonly problem: string; readonly absent: boolean };

export async function locateRoot(room: Pick<Room, 'world'>, root: DataRoot): Promise<Located> {
  switch (root.kind) {
    case 'path':
      return readable(root.path);
    case 'volume': {
      const path = await room.world.docker.volumePath(root.volume);
      return path === undefined ? { problem: `there is no volume ${root.volume}`, absent: true } : readable(path);
    }
    case 'dump':
      return { problem: 'a dump has no folder', absent: false };
  }
}

function readable(path: string): Located {
  try {
    if (!statSync(path).isDirectory()) return { problem: `${path} is no folder`, absent: true };
    accessSync(path, constants.R_OK | constants.X_OK);
    return { path };
  } catch (error) {
    const code = errorCode(error);
    if (code === 'ENOENT' || code === 'ENOTDIR') return { problem: `${path} is not there`, absent: true };
    return { problem: `${path} cannot be read (${code ?? 'unknown'})`, absent: false };
  }
}
