import { lstatSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type RestoreJournal, type RestoreProgress, type RestoreResult, restoreTree } from '../restore-tree.ts';
import type { SafetyRootRecord } from '../safety-copy.ts';

export interface UndoTreeRequest {
  /** The root as it was just before the rollback. */
  readonly safety: SafetyRootRecord;
  /** Where the rollback moved aside what it replaced in this root; used where no copy was made. */
  readonly rollbackAside: string | null;
  /** Real path of the folder. */
  readonly target: string;
  readonly undoId: string;
  /** The same patterns as when the safety copy was made. */
  readonly exclude?: readonly string[] | undefined;
  /** Where goes what is there now; on the filesystem of the target, and no folder of the rollback's. */
  readonly asideDir: string;
  readonly journal?: RestoreJournal | undefined;
  readonly onProgress?: ((progress: RestoreProgress) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly beforeEffect: () => void;
}

/**
 * Puts a data root back exactly as it was before a rollback, from the first safety copy: the restore of a checkpoint
 * with another source, so it is staged, hashed, moved aside and proven alike. After an interrupted rollback it makes no
 * difference how far that had come. What the emergency path only moved aside is read from there, and is never consumed.
 * @throws SourceRefused when something was kept nowhere; Refused, VerifyFailed as of `restoreTree`
 */
export function undoTree(request: UndoTreeRequest): Promise<RestoreResult> {
  const { safety, target, undoId, exclude, asideDir, journal, onProgress, signal, beforeEffect } = request;
  return restoreTree({
    copy: sourceOf(request),
    manifest: safety.manifest,
    rootHash: safety.rootHash,
    target,
    rollbackId: undoId,
    mode: 'whole',
    exclude,
    asideDir,
    // What the folder held is known: that it is gone is one more difference.
    createTarget: true,
    journal,
    onProgress,
    signal,
    beforeEffect,
  });
}

function sourceOf({ safety, rollbackAside }: UndoTreeRequest): string {
  if (safety.data !== null) return safety.data;
  const kept = rollbackAside === null ? undefined : join(rollbackAside, 'kept');
  const isThere = kept !== undefined && lstatSync(kept, { throwIfNoEntry: false })?.isDirectory() === true;
  // Nothing was moved aside: every file that is missing is then named as missing in the source.
  return isThere ? kept : dirname(safety.manifest);
}
