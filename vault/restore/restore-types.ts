import type { CompareSummary } from '../manifest/compare.ts';
import type { MovedAside } from './aside-area.ts';

/** Where a restore writes its story; `activities/` hands in the rollback's journal. */
export interface RestoreJournal {
  /** @returns the seq to confirm with */
  intent(effect: { readonly kind: string; readonly target: string; readonly detail?: Record<string, unknown> }): number;
  confirm(intent: number, result: string, reason: string): void;
}

export interface RestoreProgress {
  readonly phase: 'look' | 'stage' | 'aside' | 'place' | 'verify';
  readonly entries: number;
  readonly bytes: number;
}

export interface RestoreTreeRequest {
  /** Folder of the verified copy. It is read, never consumed. */
  readonly copy: string;
  /** Manifest of what the target shall be. */
  readonly manifest: string;
  /** Root hash the manifest must have, from the checkpoint's record. */
  readonly rootHash?: string | undefined;
  /** Real path of the folder to restore. The folder itself stays: containers hold its inode by their mounts. */
  readonly target: string;
  readonly rollbackId: string;
  /**
   * `whole`: afterwards the target is exactly the checkpoint, extra files are moved aside. `changed-only`: missing and
   * changed files are put back, extra files stay, but for the journals of a database (see `companions`).
   */
  readonly mode: 'whole' | 'changed-only';
  /** Endings of files that belong to the file before the ending and are one unit with it. */
  readonly companions?: readonly string[] | undefined;
  /** Patterns of what lets the system start: put in place after everything else. */
  readonly last?: readonly string[] | undefined;
  /** Patterns that neither manifest nor restore see; the same as when the manifest was made. */
  readonly exclude?: readonly string[] | undefined;
  /** Where staged and moved-aside files lie: on the filesystem of the target. */
  readonly asideDir?: string | undefined;
  /** Make the target when it is absent; else an absent one is refused, since its disk may just not be mounted. */
  readonly createTarget?: boolean | undefined;
  readonly journal?: RestoreJournal | undefined;
  readonly onProgress?: ((progress: RestoreProgress) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
  /** The fence: called in the same tick right before each effect. */
  readonly beforeEffect: () => void;
}

export interface RestoreResult {
  readonly kind: 'done' | 'already-done';
  /** Files, links and folders put in place by this run. */
  readonly restored: number;
  readonly unchanged: number;
  /** Owner, mode or times set on what had the right content. */
  readonly metadataSet: number;
  /** Content put in place by this run. */
  readonly bytes: number;
  /** Of all attempts of this rollback for this target. */
  readonly movedAside: MovedAside;
  /** The target as it is now against the manifest. */
  readonly verified: CompareSummary;
  readonly rootHash: string;
  /** Owners that this account may not set, special files that no copy can hold. The first twenty. */
  readonly exceptions: readonly string[];
  readonly asideDir: string;
  /** Manifest of the target before the first attempt. */
  readonly beforeManifest: string;
}

/** SQLite keeps what is not yet in the database beside it: a stale one replays what was rolled back (facts). */
export const sqliteCompanions: readonly string[] = ['-wal', '-shm', '-journal'];
