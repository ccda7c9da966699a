import { createHash } from 'node:crypto';
import type { Target } from './schema.ts';

export interface Snapshot {
  /** Keys in order: the same target is the same text. */
  readonly json: string;
  /** SHA-256 (hex) of the text. */
  readonly hash: string;
}

/** The effective target as text and digest: plans, questions and records name it by this hash (design §4.10). */
export function snapshotOf(target: Target): Snapshot {
  const json = JSON.stringify(ordered(target));
  return { json, hash: createHash('sha256').update(json).digest('hex') };
}

function ordered(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(ordered);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).filter(([, each]) => each !== undefined);
  entries.sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, each]) => [key, ordered(each)]));
}
