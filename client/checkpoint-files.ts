import { readdirSync } from 'node:fs';
import { z } from 'zod';
import type { CheckpointRecord } from '../contract/records.ts';
import { readIfThere } from '../vault/durable-file.ts';
import { errorCode } from '../vault/errors.ts';
import { environmentLayout } from '../vault/layout.ts';
import type { Place } from './environment.ts';

/** What people are shown of a checkpoint; the record itself stays whole for `--json`. */
const shown = z.looseObject({
  format: z.literal(1),
  id: z.string(),
  createdAt: z.string(),
  by: z.string(),
  ref: z.string(),
  commit: z.string(),
  images: z.array(z.looseObject({ service: z.string(), reference: z.string() })),
  data: z.array(z.looseObject({ root: z.string(), files: z.number(), bytes: z.number() })),
  skills: z.array(z.string()),
});

/** Sealed checkpoints of this host, oldest first; a folder without a record is none (design §1). */
export function readCheckpoints(place: Place): readonly CheckpointRecord[] {
  const layout = environmentLayout(place.stateRoot, place.environment);
  return idsIn(layout.checkpointsDir)
    .flatMap((id) => {
      const text = readIfThere(layout.checkpoint(id).record);
      return text === undefined ? [] : [recordOf(JSON.parse(text))];
    })
    .sort((a, b) => a.createdAt.localeCompare(b.createdAt));
}

function recordOf(value: unknown): CheckpointRecord {
  // What is shown is checked; the rest of the record is passed on as it was written.
  return shown.parse(value) as unknown as CheckpointRecord;
}

function idsIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return [];
    throw error;
  }
}
