import type { Room } from '../../kernel/room.ts';
import { findStable } from '../find-stable.ts';
import type { Known } from './proof.ts';

/**
 * From when on the stable system may have written to a data root: the earliest start of its running containers that
 * mount the root writable. null when none does, or when one has run since before the recovery plan: then it was not
 * stopped for the restore, and nothing can be told apart by time.
 */
export async function writersSince(
  room: Room,
  root: Room['target']['data'][number],
  path: string,
  { recovery }: Known,
): Promise<number | null> {
  const { containers } = await findStable(room);
  const starts = containers
    .filter(({ facts }) => facts.state === 'running' && facts.mounts.some(covers(root, path)))
    .map(({ facts }) => Date.parse(facts.startedAt));
  if (starts.length === 0 || recovery === undefined) return null;
  const earliest = Math.min(...starts);
  return earliest > Date.parse(recovery.at) ? earliest : null;
}

function covers(root: Room['target']['data'][number], path: string) {
  return (mount: { readonly source: string; readonly name: string | null; readonly writable: boolean }): boolean => {
    if (!mount.writable) return false;
    if (root.kind === 'volume' && mount.name === root.volume) return true;
    return `${path}/`.startsWith(`${mount.source}/`) || `${mount.source}/`.startsWith(`${path}/`);
  };
}
