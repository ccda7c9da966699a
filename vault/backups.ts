import { closeSync, lstatSync } from 'node:fs';
import { DirTree, isAbsent } from './dir-tree.ts';
import { matcherOf, withoutEnding } from './glob.ts';
import { hashDescriptor, hashFile } from './hash-file.ts';
import { walkTree } from './manifest/walk.ts';
import { mountsBelow } from './mounts.ts';
import { microsecondsOf } from './mtime.ts';

/** A backup file and what it is a backup of (runbook: Verify Data Migration Reversal). Paths relative to the root. */
export interface BackupPair {
  readonly backup: Buffer;
  readonly original: Buffer;
  readonly backupSha256: string;
  readonly backupBytes: number;
  /** ISO instant of the backup's last change: an old backup may be older than the checkpoint. */
  readonly backupMtime: string;
  /** An empty backup must not replace data. */
  readonly zeroByte: boolean;
  readonly originalState: OriginalState;
  /** The backup changed while it was read. */
  readonly changing: boolean;
}

export type OriginalState =
  | { readonly kind: 'absent' }
  | { readonly kind: 'file'; readonly sha256: string; readonly bytes: number; readonly mtime: string }
  /** A folder or link of that name: `mv` would put the backup into it, we do not. */
  | { readonly kind: 'other' };

/** The runbook's own pattern. */
export const defaultBackupPatterns: readonly string[] = ['*.backup'];

/**
 * Finds regular files that match the patterns and pairs each with the file it is a backup of: the name without what the
 * pattern's last `*` left over (`x.json.backup` → `x.json`). Links are not followed, no shell sees a name.
 */
export async function findBackups(
  root: string,
  options: { readonly patterns?: readonly string[]; readonly signal?: AbortSignal | undefined } = {},
): Promise<readonly BackupPair[]> {
  const patterns = options.patterns ?? defaultBackupPatterns;
  const rules = patterns.map((pattern) => ({ matches: matcherOf([pattern]), originalOf: withoutEnding(pattern) }));
  const tree = new DirTree(root);
  const originals = new DirTree(root);
  const found: BackupPair[] = [];
  try {
    for await (const { entry, fd } of walkTree(tree, {
      exclude: () => false,
      mounts: mountsBelow(root),
      signal: options.signal,
    })) {
      if (fd === undefined) continue;
      try {
        const rule = rules.find(({ matches }) => matches(entry.path));
        const original = rule?.originalOf(entry.path);
        if (original === undefined) continue;
        const { sha256, bytes, changed } = await hashDescriptor(fd, options.signal);
        found.push({
          backup: entry.path,
          original,
          backupSha256: sha256,
          backupBytes: bytes,
          backupMtime: isoOf(entry.mtimeUs),
          zeroByte: bytes === 0,
          originalState: await stateOf(originals, original, options.signal),
          changing: changed,
        });
      } finally {
        closeSync(fd);
      }
    }
  } finally {
    tree.close();
    originals.close();
  }
  return found;
}

async function stateOf(tree: DirTree, path: Buffer, signal: AbortSignal | undefined): Promise<OriginalState> {
  try {
    const stat = lstatSync(tree.at(path), { bigint: true, throwIfNoEntry: false });
    if (stat === undefined) return { kind: 'absent' };
    if (!stat.isFile()) return { kind: 'other' };
    const { sha256, bytes } = await hashFile(tree.at(path), signal);
    return { kind: 'file', sha256, bytes, mtime: isoOf(microsecondsOf(stat.mtimeNs)) };
  } catch (error) {
    if (isAbsent(error)) return { kind: 'absent' };
    throw error;
  }
}

function isoOf(mtimeUs: number): string {
  return new Date(mtimeUs / 1000).toISOString();
}
