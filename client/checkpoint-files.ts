import { z } from 'zod';
import type { CheckpointRecord } from '../contract/records.ts';
import { readShelf, type Shelved } from '../vault/checkpoint-shelf.ts';
import { environmentLayout } from '../vault/layout.ts';
import type { Place } from './environment.ts';
import { ClientFailure } from './failures.ts';

/** What people are shown of a checkpoint; the record itself stays whole for `--json`. */
const shown = z.looseObject({
  by: z.string(),
  commit: z.string(),
  tree: z.string(),
  images: z.array(z.looseObject({ service: z.string(), reference: z.string(), image: z.string() })),
  configuration: z.looseObject({ file: z.string(), sha256: z.string() }),
  data: z.array(
    z.looseObject({
      root: z.string(),
      copy: z.string(),
      manifest: z.string(),
      rootHash: z.string(),
      files: z.number(),
      bytes: z.number(),
    }),
  ),
  skills: z.array(z.string()),
});

/** A checkpoint's folder on this host; without a record it counts for nothing (design §1). */
export type CheckpointOnDisk =
  | { readonly id: string; readonly dir: string; readonly state: 'sealed'; readonly record: CheckpointRecord }
  | { readonly id: string; readonly dir: string; readonly state: 'unsealed' | 'damaged'; readonly record: null };

/** Every checkpoint folder of this host, oldest first. */
export function readCheckpoints(place: Place): readonly CheckpointOnDisk[] {
  return readShelf(environmentLayout(place.stateRoot, place.environment)).map(onDisk);
}

/**
 * The sealed checkpoint that is named, or the newest.
 * @throws ClientFailure `not-found`
 */
export function sealedCheckpoint(place: Place, id: string | undefined): CheckpointRecord & { readonly dir: string } {
  const all = readCheckpoints(place);
  const found = id === undefined ? all.findLast(({ state }) => state === 'sealed') : all.find((one) => one.id === id);
  if (found?.state === 'sealed') return { ...found.record, dir: found.dir };
  const why =
    found === undefined
      ? `${place.environment} has no ${id === undefined ? 'sealed checkpoint yet' : `checkpoint ${id}`}.`
      : `Checkpoint ${found.id} is ${found.state}: it counts for nothing.`;
  throw new ClientFailure('not-found', why, { next: ['rollback checkpoint list', 'rollback checkpoint create'] });
}

function onDisk({ id, dir, record, state }: Shelved): CheckpointOnDisk {
  if (state !== 'sealed') return { id, dir, state, record: null };
  // What is shown is checked; the rest of the record is passed on as it was written.
  if (!shown.safeParse(record).success) return { id, dir, state: 'damaged', record: null };
  return { id, dir, state, record: record as unknown as CheckpointRecord };
}
