import { ensureDir, readIfThere, writeFileDurably } from '../../vault/durable-file.ts';
import type { Room } from '../kernel/room.ts';

/** Where something was staged and moved aside: `staging.json` in the rollback's folder. */
export interface StagingPlace {
  /** Name of a data root, or `repository`. */
  readonly what: string;
  readonly path: string;
  readonly aside: string;
}

/** Says in the state folder where to look for what is moved aside; before it is moved. */
export function noteStaging(room: Room, place: StagingPlace): void {
  const known = readStaging(room);
  if (known.some(({ what, aside }) => what === place.what && aside === place.aside)) return;
  room.beforeEffect();
  ensureDir(room.rollback.dir);
  const places = [...known, place];
  writeFileDurably(room.rollback.stagingNote, `${JSON.stringify({ format: 1, places }, null, 2)}\n`);
}

export function readStaging({ rollback }: Pick<Room, 'rollback'>): readonly StagingPlace[] {
  const text = readIfThere(rollback.stagingNote);
  return text === undefined ? [] : (JSON.parse(text) as { readonly places: readonly StagingPlace[] }).places;
}
