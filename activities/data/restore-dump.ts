import { join } from 'node:path';
import { checkManifest } from '../../vault/manifest/read.ts';
import { writeManifest } from '../../vault/manifest/write.ts';
import { ActFailure } from '../kernel/failures.ts';
import { readCheckpoint } from '../kernel/records.ts';
import type { Room } from '../kernel/room.ts';
import { type CheckpointCopy, checkpointCopyOf } from './compare-with-checkpoint.ts';
import type { Restored } from './restore-data.ts';
import { restoreIntentOf, wasBegun } from './restore-journal.ts';
import { type DumpRoot, dumpFile, loadDump, takeDump, verifyDump } from './take-dump.ts';

/** Loads the checkpoint's dump by the target's own command; what it did is seen by dumping once more. */
export async function restoreDump(room: Room, root: DumpRoot): Promise<Restored> {
  const source = await checkpointCopyOf(room, readCheckpoint(room), root.name);
  if ('problem' in source) throw new ActFailure('refused', `${root.name}: ${source.problem}; nothing was changed.`);
  await refuseChanged(room, root, source);
  const figures = { bytes: source.record.bytes };
  const { equal } = await compareDump(room, root, source);
  if (!equal || wasBegun(room, root.name)) {
    const intent = restoreIntentOf({ root: root.name, source: 'checkpoint', target: root.name });
    await room.effect(intent, async () => {
      // A killed attempt had loaded it: that it is whole is confirmed now.
      if (equal) return 'already' as const;
      await loadDump(room, root, join(source.copy, dumpFile));
      return 'done' as const;
    });
  }
  if (equal) {
    return { kind: 'already-done', said: 'a dump equals the one of the checkpoint', figures, exceptions: [] };
  }
  const after = await compareDump(room, root, source);
  if (!after.good) {
    throw new ActFailure('io-error', `${root.name} was loaded, but ${after.said}; the safety copy is kept.`);
  }
  return { kind: 'done', said: `the dump of the checkpoint was loaded; ${after.said}`, figures, exceptions: [] };
}

/** @throws ActFailure `refused`: a dump of another content must not reach the data */
async function refuseChanged(room: Room, root: DumpRoot, { copy, record }: CheckpointCopy): Promise<void> {
  const check = join(room.rollback.planDir, 'found', `${root.name}.source.jsonl`);
  const now = await writeManifest(copy, check, { signal: room.signal });
  if (now.contentHash === record.contentHash) return;
  throw new ActFailure('refused', `The checkpoint's dump of ${root.name} was changed; nothing was loaded.`);
}

export interface DumpComparison {
  readonly equal: boolean;
  /** Equal, or different while the target's own check passes: some programs never write the same dump twice. */
  readonly good: boolean;
  readonly said: string;
}

/** The data as a new dump shows them, against the checkpoint's. */
export async function compareDump(room: Room, root: DumpRoot, source: CheckpointCopy): Promise<DumpComparison> {
  const folder = join(room.rollback.planDir, 'found', `${root.name}.now`);
  const now = await takeDump(room, root, { folder, manifest: `${folder}.jsonl` });
  const { contentHash } = await checkManifest(source.manifest);
  if (now.contentHash === contentHash) {
    return { equal: true, good: true, said: 'a dump taken afterwards equals it' };
  }
  const verified = await verifyDump(room, root);
  if (verified === null) return { equal: false, good: false, said: 'a dump taken afterwards differs from it' };
  const word = verified.good ? 'passes' : 'fails';
  const said = `a dump taken afterwards differs from it and the target's check ${word} (${verified.said})`;
  return { equal: false, good: verified.good, said };
}
