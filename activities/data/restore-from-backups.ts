import { showPath } from '../../vault/path-text.ts';
import { restoreFile } from '../../vault/restore-file.ts';
import { ActFailure } from '../kernel/failures.ts';
import { readCheckpoint } from '../kernel/records.ts';
import type { Room } from '../kernel/room.ts';
import type { FolderRestore, Restored } from './restore-data.ts';
import { restoreIntentOf } from './restore-journal.ts';
import { judgeBackups } from './usable-backups.ts';

/**
 * Runbook 2.3 "Restore from backups if they exist": each original from its own backup, which is read and stays. An empty
 * backup and one from before the checkpoint restore nothing and are named.
 */
export async function restoreFromBackups(room: Room, job: FolderRestore): Promise<Restored> {
  const { root, path, aside } = job;
  const notBefore = readCheckpoint(room)?.createdAt ?? null;
  const judged = await judgeBackups(room, root, { path, notBefore });
  const usable = judged.filter((each) => each.usable);
  const left = judged.filter((each) => !each.usable);
  if (usable.length === 0) {
    throw new ActFailure('refused', `${root.name} has no backup that may be used; its data were not touched.`);
  }
  let [restored, bytes, moved] = [0, 0, 0];
  const exceptions: string[] = [];
  const intent = restoreIntentOf({ root: root.name, source: 'backup', target: path });
  await room.effect(intent, async () => {
    for (const { pair } of usable) {
      room.progress(`${root.name}: ${showPath(pair.original)}`);
      const done = await restoreFile({
        source: Buffer.concat([Buffer.from(`${path}/`), pair.backup]),
        expectedSha256: pair.backupSha256,
        root: path,
        path: pair.original,
        asideDir: aside,
        signal: room.signal,
        beforeEffect: () => room.beforeEffect(),
      });
      if (done.kind === 'done') {
        restored += 1;
        bytes += done.bytes;
      }
      moved += done.movedAside.length;
      if (!done.ownerKept) exceptions.push(`${showPath(pair.original)}: its owner may not be set by this account`);
    }
    return restored === 0 ? ('already' as const) : ('done' as const);
  });
  const unused = left.map(({ pair, reason }) => `${showPath(pair.backup)}: ${reason}`);
  const named = unused.length === 0 ? '' : `; not used: ${unused.slice(0, 3).join('; ')}`;
  return {
    kind: restored === 0 ? 'already-done' : 'done',
    said: `${restored} of ${usable.length} file(s) put back from their backups, which stay${named}`,
    figures: { restored, unchanged: usable.length - restored, bytes, movedAside: moved, unused: left.length },
    exceptions,
  };
}
