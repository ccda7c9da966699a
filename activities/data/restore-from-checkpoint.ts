import { type RestoreResult, restoreTree } from '../../vault/restore-tree.ts';
import { excludedOf } from '../checks/checks-of.ts';
import { ActFailure } from '../kernel/failures.ts';
import { readCheckpoint } from '../kernel/records.ts';
import type { Room } from '../kernel/room.ts';
import { checkpointCopyOf } from './compare-with-checkpoint.ts';
import type { FolderRestore, Restored } from './restore-data.ts';
import { restoreJournalOf } from './restore-journal.ts';
import { progressTeller } from './tell-progress.ts';

/** From the verified copy: afterwards the root is exactly the checkpoint, databases with their journals as one. */
export async function restoreFromCheckpoint(room: Room, job: FolderRestore): Promise<Restored> {
  const { root, path, aside } = job;
  const source = await checkpointCopyOf(room, readCheckpoint(room), root.name);
  if ('problem' in source) throw new ActFailure('refused', `${root.name}: ${source.problem}; nothing was changed.`);
  const result = await restoreTree({
    copy: source.copy,
    manifest: source.manifest,
    rootHash: source.record.rootHash,
    target: path,
    rollbackId: room.input.rollbackId,
    mode: 'whole',
    exclude: excludedOf(root),
    asideDir: aside,
    createTarget: true,
    journal: restoreJournalOf(room, { root: root.name, source: 'checkpoint', target: path }),
    onProgress: progressTeller(room, root.name),
    signal: room.signal,
    beforeEffect: () => room.beforeEffect(),
  });
  return restoredOf(result, 'the copy of the checkpoint');
}

/** What a restored tree says of itself. */
export function restoredOf(result: RestoreResult, from: string): Restored {
  const { kind, restored, unchanged, movedAside, bytes, exceptions } = result;
  const moved = `${movedAside.count} path(s) kept aside`;
  return {
    kind,
    said:
      kind === 'done'
        ? `${restored} path(s) put back from ${from}, ${unchanged} were right, ${moved}`
        : `it equals ${from} already, ${moved}`,
    figures: { restored, unchanged, bytes, movedAside: movedAside.count, movedAsideBytes: movedAside.bytes },
    exceptions,
  };
}
