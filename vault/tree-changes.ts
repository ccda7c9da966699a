import { join } from 'node:path';
import { type Difference, mergeManifests } from './manifest/compare.ts';
import { writeManifest } from './manifest/write.ts';

/** Changes of one day (UTC), by the time of what is there now. */
export interface DayOfChanges {
  /** `2026-01-31` */
  readonly day: string;
  readonly files: number;
  readonly bytes: number;
}

export interface TreeChanges {
  readonly equal: number;
  readonly differing: number;
  readonly missing: number;
  readonly extra: number;
  /** Of what differs or is extra, as it is now. */
  readonly bytes: number;
  /** ISO instants of the oldest and the newest change; null when nothing that is there changed. */
  readonly changedSince: string | null;
  readonly changedUntil: string | null;
  /** The last days on which something changed, oldest first; what is missing has no day. */
  readonly days: readonly DayOfChanges[];
}

/** More days say nothing more. */
const mostDays = 31;

/** A tree as it is now against a manifest. @param scratch folder for the manifest of what is there */
export async function treeChanges(
  path: string,
  should: string,
  how: { readonly scratch: string; readonly exclude: readonly string[]; readonly signal?: AbortSignal | undefined },
): Promise<TreeChanges> {
  const now = join(how.scratch, 'now.jsonl');
  await writeManifest(path, now, { exclude: how.exclude, signal: how.signal });
  return changesBetween(should, now);
}

/** Counts of what differs, is missing and is extra, with the bytes and the days of the changes. */
export async function changesBetween(should: string, is: string): Promise<TreeChanges> {
  const sum = { equal: 0, differing: 0, missing: 0, extra: 0, bytes: 0 };
  const days = new Map<string, { files: number; bytes: number }>();
  let [first, last] = [Number.POSITIVE_INFINITY, 0];
  for await (const { a, b, difference } of mergeManifests(should, is)) {
    // A folder is no data of its own: what is in it counts.
    if ((a ?? b)?.type === 'dir' && difference?.kind !== 'type') continue;
    if (difference === undefined || !matters(difference)) {
      sum.equal += 1;
      continue;
    }
    sum[countOf(difference)] += 1;
    sum.bytes += b?.size ?? 0;
    if (b === undefined) continue;
    first = Math.min(first, b.mtimeUs);
    last = Math.max(last, b.mtimeUs);
    const day = (iso(b.mtimeUs) ?? '').slice(0, 10);
    const known = days.get(day) ?? { files: 0, bytes: 0 };
    days.set(day, { files: known.files + 1, bytes: known.bytes + b.size });
  }
  const told = [...days].sort(([a], [b]) => a.localeCompare(b)).slice(-mostDays);
  return {
    ...sum,
    changedSince: iso(first),
    changedUntil: iso(last),
    days: told.map(([day, counts]) => ({ day, ...counts })),
  };
}

/** Times and attributes may differ; content, type, owner and mode may not. */
export function matters({ kind, fields }: Difference): boolean {
  return kind !== 'metadata' || fields.some((field) => field === 'mode' || field === 'uid' || field === 'gid');
}

function countOf({ kind }: Difference): 'missing' | 'extra' | 'differing' {
  return kind === 'missing' || kind === 'extra' ? kind : 'differing';
}

function iso(mtimeUs: number): string | null {
  return Number.isFinite(mtimeUs) && mtimeUs > 0 ? new Date(mtimeUs / 1000).toISOString() : null;
}
