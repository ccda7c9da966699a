import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { readIfThere } from './durable-file.ts';
import { errorCode } from './errors.ts';
import type { JournalRecord } from './journal.ts';
import { readJournal } from './journal.ts';
import type { EnvironmentLayout, RollbackLayout } from './layout.ts';

/** What everybody must know of a checkpoint; the rest of the record is its readers' business. */
const recordSchema = z.looseObject({
  format: z.literal(1),
  id: z.string(),
  createdAt: z.string(),
  ref: z.string(),
  images: z.array(z.looseObject({ service: z.string(), image: z.string(), heldBy: z.string() })),
});

export type ShelvedRecord = Readonly<z.infer<typeof recordSchema>>;

export type Shelved =
  | { readonly id: string; readonly dir: string; readonly state: 'sealed'; readonly record: ShelvedRecord }
  /** `unsealed`: never finished, or under way; `damaged`: sealed with a record that cannot be read. */
  | { readonly id: string; readonly dir: string; readonly state: 'unsealed' | 'damaged'; readonly record: null };

/** Every checkpoint folder of an environment, oldest first: the time is part of the id. */
export function readShelf(layout: EnvironmentLayout): readonly Shelved[] {
  return namesIn(layout.checkpointsDir).map((id) => {
    const { dir, record: file } = layout.checkpoint(id);
    const text = readIfThere(file);
    if (text === undefined) return { id, dir, state: 'unsealed', record: null };
    const record = parsed(text);
    return record?.id === id ? { id, dir, state: 'sealed', record } : { id, dir, state: 'damaged', record: null };
  });
}

/** What decides over its fate. */
export function shelvedFacts({ id, state, record }: Shelved) {
  return { id, state, createdAt: record?.createdAt ?? null, ref: record?.ref ?? null };
}

/** What an open rollback needs: the checkpoint its plans name, and the ref it would look for one of. */
export interface OpenRollback {
  readonly rollbackId: string;
  readonly checkpoints: readonly string[];
  readonly ref: string | null;
}

const planSchema = z.looseObject({ checkpoint: z.looseObject({ id: z.string().nullable() }) });
const targetSchema = z.looseObject({
  target: z.looseObject({ repository: z.looseObject({ checkpoint: z.string() }) }),
});

/** Rollbacks whose journal is not closed: at work, interrupted, or left open to be resumed. */
export function openRollbacks(layout: EnvironmentLayout): readonly OpenRollback[] {
  return namesIn(layout.rollbacksDir).flatMap((rollbackId) => {
    const files = layout.rollback(rollbackId);
    if (journalState(recordsOf(files)) === 'closed') return [];
    const plans = ['findings', 'recovery'].map((name) => jsonIn(join(files.planDir, `${name}.json`)));
    const ids = plans.flatMap((plan) => planSchema.safeParse(plan).data?.checkpoint.id ?? []);
    const ref = targetSchema.safeParse(jsonIn(files.target)).data?.target.repository.checkpoint ?? null;
    return [{ rollbackId, checkpoints: [...new Set(ids)], ref }];
  });
}

/**
 * How far a rollback is, by the last of the notes with which it begins and ends. `open`: at work or interrupted;
 * `left-open`: cancelled or given up, can be resumed.
 */
export function journalState(records: readonly JournalRecord[]): 'open' | 'left-open' | 'closed' {
  const note = records.findLast((record) => record.kind === 'note' && record.text in standings);
  return note?.kind === 'note' ? (standings[note.text] ?? 'open') : 'open';
}

/** One whose undo has begun is not gone on with. */
const standings: Readonly<Record<string, 'open' | 'left-open' | 'closed'>> = {
  started: 'open',
  resumed: 'open',
  'left open for resume': 'left-open',
  closed: 'closed',
  'undo begun': 'closed',
  undone: 'closed',
  committed: 'closed',
};

function recordsOf(files: RollbackLayout): readonly JournalRecord[] {
  try {
    return readJournal(files.journal).records;
  } catch (error) {
    // The folder is there a moment before its journal.
    if (errorCode(error) === 'ENOENT') return [];
    throw error;
  }
}

function parsed(text: string): ShelvedRecord | undefined {
  try {
    return recordSchema.safeParse(JSON.parse(text)).data;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function jsonIn(path: string): unknown {
  const text = readIfThere(path);
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** Half-written files and what is no name of ours are left out. */
function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder, { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && /^[A-Za-z0-9_]/.test(entry.name))
      .map(({ name }) => name)
      .sort();
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return [];
    throw error;
  }
}
