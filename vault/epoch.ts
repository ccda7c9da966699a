import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { createFileDurably, ensureDir, readIfThere, writeFileDurably } from './durable-file.ts';
import { errorCode, RecordDamaged, StaleAttempt } from './errors.ts';
import type { EnvironmentLayout } from './layout.ts';
import { processStart } from './processes.ts';

/**
 * Epoch and fences keep a superseded attempt from acting (design §3). Everything here is synchronous, because check and
 * effect must happen in one tick: two attempts can run in one process.
 *
 * There is no lock to leave behind: each epoch and each claim is a file of its own that is created exclusively, and the
 * highest name counts. A kill at any point leaves the files as they were or with one more.
 */
const epochSchema = z.object({
  epoch: z.int().positive(),
  rollbackId: z.string(),
  /** ISO instant. */
  at: z.string(),
  why: z.string(),
});

export interface EpochRecord {
  /** 0 when nobody ever acted on this environment. */
  readonly epoch: number;
  readonly rollbackId: string;
  readonly at: string;
  readonly why: string;
}

const fenceSchema = z.object({
  epoch: z.int().nonnegative(),
  step: z.string().min(1),
  schedule: z.int().nonnegative(),
  attempt: z.int().nonnegative(),
  pid: z.int().positive(),
  pidStart: z.string(),
});

/** One attempt to do one step. Ordered by (epoch, schedule, attempt); pid and start time say who it is. */
export type Fence = Readonly<z.infer<typeof fenceSchema>>;

export type Claim =
  /** `previous` is the highest lower claim of this step, of whatever epoch: end its process before acting. */
  { readonly kind: 'claimed'; readonly previous?: Fence } | { readonly kind: 'stale'; readonly newer: Fence | number };

/** The fence of this very process. */
export function fenceHere(token: Omit<Fence, 'pid' | 'pidStart'>): Fence {
  return { ...token, pid: process.pid, pidStart: processStart(process.pid) ?? 'unknown' };
}

/** Current epoch of the environment. */
export function readEpoch(layout: EnvironmentLayout): EpochRecord {
  const epoch = currentEpoch(layout);
  if (epoch === 0) return { epoch: 0, rollbackId: '', at: '', why: '' };
  const path = epochFile(layout, epoch);
  return parseRecord(path, epochSchema);
}

/** Raises the epoch by at least one, durably; every act of a lower one does nothing from now on. */
export function raiseEpoch(
  layout: EnvironmentLayout,
  by: { readonly rollbackId: string; readonly why: string; readonly at: string },
): number {
  ensureDir(layout.epochsDir);
  for (;;) {
    const epoch = currentEpoch(layout) + 1;
    const record: EpochRecord = { epoch, ...by };
    if (createFileDurably(epochFile(layout, epoch), `${JSON.stringify(record)}\n`)) return epoch;
  }
}

/**
 * Claims a step for this attempt. From then on {@link assertFence} of every lower attempt throws. Claiming again from
 * the same process is `claimed`; the very same token of another living process is stale.
 */
export function claimFence(layout: EnvironmentLayout, token: Fence): Claim {
  const epoch = currentEpoch(layout);
  if (epoch !== token.epoch) return { kind: 'stale', newer: epoch };

  const dir = fenceDir(layout, token.step);
  ensureDir(dir);
  const path = join(dir, fenceName(token));
  const content = `${JSON.stringify(fenceSchema.parse(token))}\n`;
  if (!createFileDurably(path, content)) {
    const holder = parseRecord(path, fenceSchema);
    const mine = holder.pid === token.pid && holder.pidStart === token.pidStart;
    if (!mine && processStart(holder.pid) === holder.pidStart) return { kind: 'stale', newer: holder };
    // The process that held this very token is gone: it is ours now.
    if (!mine) writeFileDurably(path, content);
  }
  return judgeClaim(layout, token);
}

/**
 * Call in the same tick, right before each effect.
 * @throws StaleAttempt when the environment's epoch is another or a higher attempt has claimed the step
 */
export function assertFence(layout: EnvironmentLayout, token: Fence): void {
  const epoch = currentEpoch(layout);
  if (epoch !== token.epoch) {
    throw new StaleAttempt({ step: token.step, token: tokenText(token), newer: `epoch ${epoch}` });
  }
  const highest = fenceNames(fenceDir(layout, token.step)).at(-1);
  if (highest !== undefined && highest > fenceName(token)) {
    throw new StaleAttempt({ step: token.step, token: tokenText(token), newer: highest.replace('.json', '') });
  }
}

function judgeClaim(layout: EnvironmentLayout, token: Fence): Claim {
  const epoch = currentEpoch(layout);
  if (epoch !== token.epoch) return { kind: 'stale', newer: epoch };
  const dir = fenceDir(layout, token.step);
  const own = fenceName(token);
  const names = fenceNames(dir);
  const highest = names.at(-1);
  if (highest !== undefined && highest > own) {
    return { kind: 'stale', newer: parseRecord(join(dir, highest), fenceSchema) };
  }
  const below = names.filter((name) => name < own).at(-1);
  if (below === undefined) return { kind: 'claimed' };
  return { kind: 'claimed', previous: parseRecord(join(dir, below), fenceSchema) };
}

function currentEpoch(layout: EnvironmentLayout): number {
  const highest = recordNames(layout.epochsDir, /^\d{10}\.json$/).at(-1);
  return highest === undefined ? 0 : Number(highest.slice(0, 10));
}

function epochFile(layout: EnvironmentLayout, epoch: number): string {
  return join(layout.epochsDir, `${digits(epoch)}.json`);
}

/** Steps have names like `dataRecovery.restoreData:agent`; as a folder's name nothing of them may climb or clash. */
function fenceDir(layout: EnvironmentLayout, step: string): string {
  return join(layout.fencesDir, encodeURIComponent(step).replaceAll('.', '%2E'));
}

function fenceNames(dir: string): string[] {
  return recordNames(dir, /^\d{10}\.\d{10}\.\d{10}\.json$/);
}

/** Fixed width: the order of the names is the order of the tokens. */
function fenceName(token: Fence): string {
  return `${digits(token.epoch)}.${digits(token.schedule)}.${digits(token.attempt)}.json`;
}

function digits(value: number): string {
  return String(value).padStart(10, '0');
}

function tokenText(token: Fence): string {
  return `epoch ${token.epoch}, schedule ${token.schedule}, attempt ${token.attempt}`;
}

function recordNames(dir: string, pattern: RegExp): string[] {
  try {
    return readdirSync(dir)
      .filter((name) => pattern.test(name))
      .sort();
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return [];
    throw error;
  }
}

function parseRecord<T>(path: string, schema: z.ZodType<T>): T {
  const text = readIfThere(path);
  if (text === undefined) throw new RecordDamaged({ path, why: 'it vanished while it was read' });
  try {
    return schema.parse(JSON.parse(text));
  } catch (error) {
    throw new RecordDamaged({ path, why: error instanceof Error ? error.message : String(error) });
  }
}

/** The highest claim of each step whose process still lives, of whatever epoch; our own process is not among them. */
export function livingFences(layout: EnvironmentLayout): readonly Fence[] {
  const dirs = subFolders(layout.fencesDir).map((name) => join(layout.fencesDir, name));
  return dirs.flatMap((dir) => {
    const highest = fenceNames(dir).at(-1);
    if (highest === undefined) return [];
    const fence = parseRecord(join(dir, highest), fenceSchema);
    const alive = fence.pid !== process.pid && processStart(fence.pid) === fence.pidStart;
    return alive ? [fence] : [];
  });
}

function subFolders(dir: string): string[] {
  try {
    return readdirSync(dir);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return [];
    throw error;
  }
}
