import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { errorCode, type PathProblem, VaultError } from './errors.ts';
import { mergeManifests } from './manifest/compare.ts';
import { isRestorable } from './manifest/entry.ts';
import { checkManifest } from './manifest/read.ts';
import { type ManifestSummary, writeManifest } from './manifest/write.ts';
import { showPath } from './path-text.ts';

/** A copy as a record names it. */
export interface RecordedCopy {
  /** Folder of the copy. */
  readonly copy: string;
  readonly manifest: string;
  readonly rootHash: string;
}

/** Counts are of files, links and folders that a copy can hold; `equal` includes those with other owner, mode or time. */
export interface CopyProof {
  readonly compared: number;
  readonly equal: number;
  readonly differing: number;
  readonly missing: number;
  readonly extra: number;
  /** Of the equal ones: owner, mode, time or attributes are not as recorded. A restore sets them from the manifest. */
  readonly metadataOnly: number;
  /** The first twenty that are not equal. */
  readonly problems: readonly PathProblem[];
  /** What the record says; null when the manifest itself cannot be trusted, and then nothing was compared. */
  readonly recorded: ManifestSummary | null;
  /** Why the copy could not be compared at all, in one sentence. */
  readonly unusable: string | null;
}

export interface ProveOptions {
  /** A folder of the caller's for the manifest of what is there: nothing is written beside the copy. */
  readonly scratch: string;
  readonly onProgress?: ((progress: { readonly entries: number; readonly bytes: number }) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Whether a copy can still be relied on: nothing of it is damaged, gone or new. */
export function isSound({ differing, missing, extra, unusable }: CopyProof): boolean {
  return unusable === null && differing + missing + extra === 0;
}

/** Reads a copy anew from its first byte to its last and compares it with its manifest, and that with its record. */
export async function proveCopy(recorded: RecordedCopy, options: ProveOptions): Promise<CopyProof> {
  let manifest: ManifestSummary;
  try {
    manifest = await checkManifest(recorded.manifest);
  } catch (error) {
    if (!(error instanceof VaultError) && errorCode(error) === undefined) throw error;
    return unusable(null, `its manifest cannot be used: ${error instanceof Error ? error.message : String(error)}`);
  }
  if (manifest.rootHash !== recorded.rootHash) return unusable(null, 'its manifest is not the recorded one');
  const now = join(options.scratch, `copy-${process.pid}.jsonl`);
  try {
    await writeManifest(recorded.copy, now, { signal: options.signal, onProgress: options.onProgress });
    return await compare(manifest, now);
  } catch (error) {
    const code = errorCode(error);
    if (code !== 'ENOENT' && code !== 'ENOTDIR' && code !== 'EACCES' && code !== 'EIO') throw error;
    return unusable(manifest, `it cannot be read: ${error instanceof Error ? error.message : code}`);
  } finally {
    rmSync(now, { force: true });
  }
}

const nothing = { compared: 0, equal: 0, differing: 0, missing: 0, extra: 0, metadataOnly: 0 };

async function compare(recorded: ManifestSummary, now: string): Promise<CopyProof> {
  const sum = { ...nothing };
  const problems: PathProblem[] = [];
  for await (const { path, a, b, difference } of mergeManifests(recorded.path, now)) {
    if (!isRestorable((a ?? b)?.type ?? 'file')) continue;
    sum.compared += 1;
    const kind = difference?.kind;
    if (kind === undefined || kind === 'metadata') {
      sum.equal += 1;
      if (kind === 'metadata') sum.metadataOnly += 1;
      continue;
    }
    if (kind === 'missing' || kind === 'extra') sum[kind] += 1;
    else sum.differing += 1;
    if (problems.length < 20) problems.push({ path: showPath(path), reason: b?.unreadable ?? kind });
  }
  return { ...sum, problems, recorded, unusable: null };
}

function unusable(recorded: ManifestSummary | null, why: string): CopyProof {
  return { ...nothing, problems: [], recorded, unusable: why };
}
