import type { Difference } from '../../../vault/manifest/compare.ts';
import { mergeManifests } from '../../../vault/manifest/compare.ts';
import { showPath, splitPath } from '../../../vault/path-text.ts';
import { matters } from '../../../vault/tree-changes.ts';

export interface Comparison {
  readonly compared: number;
  readonly equal: number;
  readonly differing: number;
  readonly missing: number;
  readonly extra: number;
  /** Of these differences: how many were made after `sinceMs`, by the system that serves again. */
  readonly since: number;
  /** The first differences that nothing explains. */
  readonly unexplained: readonly string[];
  readonly unexplainedCount: number;
}

const listed = 20;

/**
 * Compares data with their source. A system that was started on restored data writes to them at once; such a change is
 * told apart from a failed restore by its time alone: the path, or for a missing one its folder, changed after the
 * containers that mount the data were started.
 * @param sinceMs start of the earliest container that may write there; null when none may: then nothing is explained
 */
export async function compareRestored(should: string, is: string, sinceMs: number | null): Promise<Comparison> {
  const sum = { compared: 0, equal: 0, differing: 0, missing: 0, extra: 0, since: 0 };
  const unexplained: string[] = [];
  let unexplainedCount = 0;
  const changedAt = new Map<string, number>();
  for await (const { path, b, difference } of mergeManifests(should, is)) {
    sum.compared += 1;
    if (sinceMs !== null && b?.type === 'dir') changedAt.set(path.toString('latin1'), b.mtimeUs);
    if (difference === undefined || !matters(difference)) {
      sum.equal += 1;
      continue;
    }
    sum[countOf(difference)] += 1;
    const folder = changedAt.get(splitPath(path).folder.toString('latin1'));
    const at = b?.mtimeUs ?? folder ?? 0;
    if (sinceMs !== null && at / 1000 >= sinceMs) sum.since += 1;
    else {
      unexplainedCount += 1;
      if (unexplained.length < listed) unexplained.push(`${showPath(path)} (${difference.kind})`);
    }
  }
  return { ...sum, unexplained, unexplainedCount };
}

function countOf({ kind }: Difference): 'missing' | 'extra' | 'differing' {
  return kind === 'missing' || kind === 'extra' ? kind : 'differing';
}
