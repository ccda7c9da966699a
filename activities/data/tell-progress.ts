import { writeFileDurably } from '../../vault/durable-file.ts';
import type { Room } from '../kernel/room.ts';

const betweenMs = 1_000;

/**
 * Progress of a data step: shown at once, and once a second in a side file (design §3). It is never trusted: a later
 * attempt looks at the data.
 * @returns what to call with each sign of life
 */
export function progressTeller(room: Room, root: string) {
  let last = 0;
  return ({ phase, entries, bytes }: { readonly phase: string; readonly entries: number; readonly bytes: number }) => {
    room.progress(`${root}: ${phase}, ${entries} entries, ${Math.round(bytes / 2 ** 20)} MiB`);
    const now = room.world.now();
    if (now - last < betweenMs) return;
    last = now;
    room.beforeEffect();
    const text = JSON.stringify({ at: new Date(now).toISOString(), step: room.input.key, root, phase, entries, bytes });
    writeFileDurably(room.rollback.progressFile, `${text}\n`);
  };
}
