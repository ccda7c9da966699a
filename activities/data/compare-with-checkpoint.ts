import { resolve } from 'node:path';
import type { CheckpointData, CheckpointRecord, RootFinding } from '../../contract/records.ts';
import { VaultError } from '../../vault/errors.ts';
import { checkManifest } from '../../vault/manifest/read.ts';
import { changesBetween } from '../../vault/tree-changes.ts';
import type { Room } from '../kernel/room.ts';

/** What a recorded checkpoint has of one data root. */
export interface CheckpointCopy {
  readonly record: CheckpointData;
  readonly manifest: string;
  /** Folder of the copy. */
  readonly copy: string;
}

/** The checkpoint's copy with its manifest proven to be the recorded one, or why there is none to use. */
export async function checkpointCopyOf(
  room: Pick<Room, 'layout'>,
  checkpoint: CheckpointRecord | null,
  root: string,
): Promise<CheckpointCopy | { readonly problem: string }> {
  if (checkpoint === null) return { problem: 'no checkpoint is recorded' };
  const record = checkpoint.data.find((data) => data.root === root);
  if (record === undefined) return { problem: `checkpoint ${checkpoint.id} has no data of it` };
  const { dir } = room.layout.checkpoint(checkpoint.id);
  const manifest = resolve(dir, record.manifest);
  try {
    const { rootHash } = await checkManifest(manifest);
    if (rootHash !== record.rootHash) return { problem: `its manifest in checkpoint ${checkpoint.id} was changed` };
  } catch (error) {
    if (!(error instanceof VaultError) && !(error instanceof Error && 'code' in error)) throw error;
    return { problem: `its manifest in checkpoint ${checkpoint.id} cannot be used: ${error.message}` };
  }
  return { record, manifest, copy: resolve(dir, record.copy) };
}

/** Counts of what would be replaced, put back and moved aside, with the bytes and the time of the changes. */
export async function changesSince(should: string, is: string): Promise<NonNullable<RootFinding['changes']>> {
  const { days: _days, ...changes } = await changesBetween(should, is);
  return changes;
}
