import { basename, dirname, join } from 'node:path';
import type { StepResult } from '../../contract/step.ts';
import { checkManifest } from '../../vault/manifest/read.ts';
import { undoTree } from '../../vault/undo/undo-tree.ts';
import { excludedOf } from '../checks/checks-of.ts';
import { locateRoot } from '../checks/locate-root.ts';
import { asideOfRoot } from '../data/aside-of-root.ts';
import { realOf } from '../data/covers-root.ts';
import { restoreIntentOf, restoreJournalOf } from '../data/restore-journal.ts';
import { dumpFile, loadDump, takeDump } from '../data/take-dump.ts';
import { progressTeller } from '../data/tell-progress.ts';
import { giveAside } from '../git/aside-of-repository.ts';
import { ActFailure } from '../kernel/failures.ts';
import type { ActBody, Room } from '../kernel/room.ts';
import { refuseWhileAlive } from './stop-for-undo.ts';
import { undoneRollback } from './undone-rollback.ts';

type DataRoot = Room['target']['data'][number];

/**
 * Puts one data root back as it was just before the rollback, from its first safety copy. What is there now goes aside
 * under the undo's own name; killed at any point, the next attempt finishes.
 */
export const undoData: ActBody = async (room) => {
  const name = room.input.options.root;
  const root = room.target.data.find((each) => each.name === name);
  const undone = undoneRollback(room);
  const safety = undone.roots.find((each) => each.name === name);
  if (root === undefined || safety === undefined) {
    throw new ActFailure('refused', `There is no safety copy of ${name ?? 'an unnamed data root'}; nothing was done.`);
  }
  await refuseWhileAlive(room);
  if (root.kind === 'dump') return undoDump(room, root, safety);
  const place = await locateRoot(room, root);
  // A folder that is gone is made again where it was, on its own disk or not at all.
  const path = 'path' in place ? realOf(place.path) : place.absent ? safety.path : undefined;
  if (path === undefined) {
    throw new ActFailure('refused', `${root.name}: ${'problem' in place ? place.problem : ''}; nothing was changed.`);
  }
  const aside = await asideOfRoot(room, root.name, path);
  const rollbackAside = undone.staging.find(({ what }) => what === root.name)?.aside ?? null;
  const result = await undoTree({
    safety,
    rollbackAside,
    target: path,
    undoId: room.input.rollbackId,
    exclude: excludedOf(root),
    asideDir: aside,
    journal: restoreJournalOf(room, { root: root.name, source: 'checkpoint', target: path }),
    onProgress: progressTeller(room, root.name),
    signal: room.signal,
    beforeEffect: () => room.beforeEffect(),
  });
  giveAside(aside);
  const { kind, restored, unchanged, movedAside, exceptions } = result;
  const except = exceptions.length === 0 ? '' : ` Not as it was: ${exceptions.slice(0, 3).join('; ')}.`;
  return {
    outcome: kind,
    reason: `${root.name}: ${restored} path(s) put back, ${unchanged} were right, ${movedAside.count} kept aside.${except}`,
    figures: { restored, unchanged, movedAside: movedAside.count, exceptions: exceptions.length },
  };
};

/** Loading replaces what is there: it is dumped first, so that nothing is lost. */
async function undoDump(
  room: Room,
  root: Extract<DataRoot, { readonly kind: 'dump' }>,
  safety: { readonly data: string | null; readonly manifest: string },
): Promise<StepResult> {
  if (safety.data === null)
    throw new ActFailure('refused', `The safety copy of ${root.name} has no dump; nothing was done.`);
  const folder = join(room.rollback.safetyDir, 'dumps', root.name);
  const kept = `${folder}.jsonl`;
  const before = await checkManifest(safety.manifest);
  if (!room.journal.records().some((record) => record.kind === 'confirm' && record.reason === keptReason(root.name))) {
    const intent = restoreJournalOf(room, { root: root.name, source: 'checkpoint', target: root.name });
    const seq = intent.intent({ kind: 'keep-dump', target: basename(dirname(folder)) });
    await takeDump(room, root, { folder, manifest: kept });
    intent.confirm(seq, 'done', keptReason(root.name));
  }
  const now = await checkManifest(kept);
  if (now.contentHash === before.contentHash) {
    return { outcome: 'already-done', reason: `${root.name}: a dump taken now equals the one of before.` };
  }
  const file = join(safety.data, dumpFile);
  await room.effect(restoreIntentOf({ root: root.name, source: 'checkpoint', target: root.name }), async () => {
    await loadDump(room, root, file);
    return 'done' as const;
  });
  return {
    outcome: 'done',
    reason: `${root.name}: the dump of before was loaded; the one of now is kept in ${folder}.`,
  };
}

function keptReason(root: string): string {
  return `${root} as it was at the undo is kept as a dump`;
}
