import { closeSync, readFileSync } from 'node:fs';
import { DirTree, isAbsent } from '../dir-tree.ts';
import { errorCode } from '../errors.ts';
import { openForReading } from '../hash-file.ts';
import type { ManifestEntry } from '../manifest/entry.ts';
import type { CheckResult } from './integrity-types.ts';
import { Offenders } from './offenders.ts';

/** Larger files than this are no configuration or lock file: reading them whole would not be bounded. */
const maxJsonBytes = 256 * 1024 * 1024;

export function checkJson(
  check: { readonly kind: 'json'; readonly glob: string },
  root: string,
  found: readonly ManifestEntry[],
): CheckResult {
  const files = found.filter((entry) => entry.type === 'file');
  // Whether something must be there is asked with `exists`: here nothing to look at is nothing known.
  if (files.length === 0)
    return { check, outcome: 'unknown', reason: `no file matches ${check.glob}`, count: 0, paths: [] };
  const tree = new DirTree(root);
  const offenders = new Offenders();
  try {
    for (const entry of files) {
      if (entry.size > maxJsonBytes) {
        offenders.leaveOpen(entry.path, `larger than ${maxJsonBytes} bytes`);
        continue;
      }
      const why = faultOf(tree, entry);
      if (why !== undefined) offenders.add(entry.path, why);
    }
  } finally {
    tree.close();
  }
  return offenders.result(check, {
    good: `${files.length} file(s) parse as JSON`,
    bad: 'file(s) do not parse as JSON',
  });
}

function faultOf(tree: DirTree, entry: ManifestEntry): string | undefined {
  try {
    const fd = openForReading(tree.at(entry.path));
    try {
      JSON.parse(readFileSync(fd, 'utf8'));
      return undefined;
    } finally {
      closeSync(fd);
    }
  } catch (error) {
    if (error instanceof SyntaxError) return 'no JSON';
    if (isAbsent(error)) return 'it vanished';
    return errorCode(error) ?? String(error);
  }
}
