import type { Git } from '../adapters/git.ts';
import { listed } from '../git/compare-tree.ts';
import { dataPathsOf } from '../git/data-paths.ts';
import type { Room } from '../kernel/room.ts';

export interface TrackedFile {
  /** Relative to the working tree's top. */
  readonly path: Buffer;
  readonly mode: string;
  readonly oid: string;
}

/** Where a data root lies in the working tree; undefined when it does not lie in it. An empty prefix is all of it. */
export function prefixOf(room: Pick<Room, 'target'>, git: Pick<Git, 'top'>, root: string): Buffer | undefined {
  const data = room.target.data.filter(({ name }) => name === root);
  return dataPathsOf({ data }, git.top).prefixes[0];
}

/** Files of a commit below a folder of the repository; submodules are repositories of their own and not among them. */
export async function trackedBelow(git: Git, commit: string, prefix: Buffer): Promise<readonly TrackedFile[]> {
  const lines = await listed(git, ['ls-tree', '-r', '-z', '--full-tree', commit]);
  return lines.flatMap((line) => {
    const tab = line.indexOf(0x09);
    const [mode = '', type = '', oid = ''] = line.subarray(0, tab).toString('latin1').split(' ');
    const path = line.subarray(tab + 1);
    return type === 'blob' && isBelow(path, prefix) ? [{ path, mode, oid }] : [];
  });
}

/** Path relative to the data root. */
export function insideOf(prefix: Buffer, path: Buffer): Buffer {
  return prefix.length === 0 ? path : path.subarray(prefix.length + 1);
}

export function isBelow(path: Buffer, prefix: Buffer): boolean {
  if (prefix.length === 0) return true;
  return path.length > prefix.length && path[prefix.length] === 0x2f && path.subarray(0, prefix.length).equals(prefix);
}
