import { lstatSync, readdirSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { hashFile } from '../../vault/hash-file.ts';
import { ActFailure } from '../kernel/failures.ts';

/** One thing that goes into an archive, as it was before; the manifest has one per line. */
export interface ArchiveEntry {
  /** Relative to the rollback's folder, as it is called in the archive. */
  readonly path: string;
  readonly type: 'file' | 'dir' | 'symlink';
  readonly bytes: number;
  readonly sha256: string | null;
  readonly link: string | null;
}

export interface ArchiveInputs {
  readonly entries: readonly ArchiveEntry[];
  /** Paths that no archive can hold (sockets, devices) or that have no text for a name. */
  readonly leftOut: readonly string[];
}

/**
 * Walks and hashes what is to be archived. Everything here is at rest by now: whatever changes while it is read is
 * refused, since a manifest of a moving file proves nothing.
 * @param dir the rollback's folder
 * @param parts files and folders in it; what is not there is passed over
 * @throws ActFailure `io-error`
 */
export async function archiveInputs(
  dir: string,
  parts: readonly string[],
  options: { readonly signal: AbortSignal; readonly wanted: (path: string) => boolean },
): Promise<ArchiveInputs> {
  const entries: ArchiveEntry[] = [];
  const leftOut: string[] = [];
  const visit = async (path: string): Promise<void> => {
    options.signal.throwIfAborted();
    const at = join(dir, path);
    const stat = lstatSync(at, { throwIfNoEntry: false });
    if (stat === undefined) return;
    if (stat.isDirectory()) {
      entries.push({ path, type: 'dir', bytes: 0, sha256: null, link: null });
      for (const name of readdirSync(at).sort()) await visit(join(path, name));
    } else if (!options.wanted(path)) {
      return;
    } else if (path.includes('\uFFFD') || (!stat.isFile() && !stat.isSymbolicLink())) {
      leftOut.push(path);
    } else if (stat.isSymbolicLink()) {
      entries.push({ path, type: 'symlink', bytes: 0, sha256: null, link: readlinkSync(at) });
    } else {
      const { sha256, bytes, changed } = await hashFile(at, options.signal);
      if (changed) throw new ActFailure('io-error', `${path} changed while it was read; no archive was made.`);
      entries.push({ path, type: 'file', bytes, sha256, link: null });
    }
  };
  for (const part of parts) await visit(part);
  return { entries, leftOut };
}
