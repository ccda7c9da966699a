import { lstatSync, readdirSync } from 'node:fs';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { errorCode } from './errors.ts';

export interface DiskUse {
  /** Bytes that the folders alone occupy: what their removal frees. */
  readonly own: number;
  /** Bytes of files that have a name elsewhere as well, and stay with it. */
  readonly shared: number;
}

/** As stat(2) counts blocks, whatever the filesystem's own are. */
const blockBytes = 512;

/**
 * What folders occupy on disk, as `du` counts: a file with several names counts once, and as shared as long as one of
 * its names lies outside. Links are not followed. A folder that is not there occupies nothing.
 */
export async function diskUse(folders: readonly string[]): Promise<DiskUse> {
  const several = new Map<string, { seen: number; readonly names: number; readonly bytes: number }>();
  const stack: Buffer[] = folders.map((folder) => Buffer.from(folder));
  let own = 0;
  let count = 0;
  for (let path = stack.pop(); path !== undefined; path = stack.pop()) {
    count += 1;
    if (count % 256 === 0) await nextTurn();
    const stat = lstatSync(path, { throwIfNoEntry: false });
    if (stat === undefined) continue;
    const bytes = stat.blocks * blockBytes;
    if (stat.isDirectory()) {
      own += bytes;
      for (const name of namesIn(path)) stack.push(Buffer.concat([path, Buffer.from('/'), name]));
    } else if (stat.nlink === 1) own += bytes;
    else {
      const key = `${stat.dev}:${stat.ino}`;
      const known = several.get(key) ?? { seen: 0, names: stat.nlink, bytes };
      known.seen += 1;
      several.set(key, known);
    }
  }
  let shared = 0;
  for (const { seen, names, bytes } of several.values()) {
    if (seen < names) shared += bytes;
    else own += bytes;
  }
  return { own, shared };
}

function namesIn(folder: Buffer): readonly Buffer[] {
  try {
    return readdirSync(folder, { encoding: 'buffer' });
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return [];
    throw error;
  }
}
