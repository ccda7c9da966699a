import { join } from 'node:path';
import type { CheckpointRecord, RootFinding } from '../../contract/records.ts';
import { checkIntegrity } from '../../vault/integrity.ts';
import { type ManifestSummary, writeManifest } from '../../vault/manifest/write.ts';
import { showPath } from '../../vault/path-text.ts';
import { checksOf, excludedOf } from '../checks/checks-of.ts';
import { locateRoot } from '../checks/locate-root.ts';
import type { Room } from '../kernel/room.ts';
import { type CheckpointCopy, changesSince, checkpointCopyOf } from './compare-with-checkpoint.ts';
import { deviceOf, isSameDevice } from './device-of.ts';
import { examineDump } from './examine-dump.ts';
import { progressTeller } from './tell-progress.ts';
import { judgeBackups } from './usable-backups.ts';

type DataRoot = Room['target']['data'][number];
type FolderRoot = Exclude<DataRoot, { readonly kind: 'dump' }>;

/** Lists in a record are cut: the backups of a root are as many as its files. */
const listed = 200;

/** One data root as it is now (runbook 2.1 `ls -la`, `git diff`; 2.3 `find -name '*.backup'`). */
export async function examineRoot(
  room: Room,
  root: DataRoot,
  checkpoint: CheckpointRecord | null,
): Promise<RootFinding> {
  const source = await checkpointCopyOf(room, checkpoint, root.name);
  const copy = 'problem' in source ? null : source;
  if (root.kind === 'dump') return examineDump(room, root, copy);
  const place = await locateRoot(room, root);
  const path = 'path' in place ? place.path : root.kind === 'path' ? root.path : null;
  const device = path === null ? null : deviceOf(path);
  const base = { root: root.name, kind: root.kind, path, device };
  if (!isSameDevice(device, copy?.record.device)) {
    const reason = `its disk is not mounted: it lies on ${device}, the checkpoint's on ${copy?.record.device}`;
    return { ...base, ...nothing, integrity: 'unknown', reasons: [reason] };
  }
  if ('problem' in place) {
    // Where the very same disk is mounted and a checkpoint has data of it, what is not there was lost.
    const lost = place.absent && root.kind === 'path' && copy !== null && copy.record.files > 0;
    return { ...base, ...nothing, integrity: lost ? 'corrupt' : 'unknown', reasons: [place.problem] };
  }
  return { ...base, ...(await examineFolder(room, { root, path: place.path, copy, checkpoint })) };
}

const nothing = { changes: null, manifest: null, rootHash: null, backups: [] } as const;

async function examineFolder(
  room: Room,
  asked: {
    readonly root: FolderRoot;
    readonly path: string;
    readonly copy: CheckpointCopy | null;
    readonly checkpoint: CheckpointRecord | null;
  },
): Promise<Omit<RootFinding, 'root' | 'kind' | 'path' | 'device'>> {
  const { root, path, copy, checkpoint } = asked;
  const exclude = excludedOf(root);
  const manifest = join(room.rollback.planDir, 'found', `${root.name}.jsonl`);
  const tell = progressTeller(room, root.name);
  room.beforeEffect();
  const now = await writeManifest(path, manifest, {
    exclude,
    signal: room.signal,
    onProgress: ({ entries, bytes }) => tell({ phase: 'read', entries, bytes }),
  });
  const verdict = await checkIntegrity({
    root: path,
    checks: checksOf(root),
    checkpointManifest: copy?.manifest,
    nowManifest: manifest,
    exclude,
    signal: room.signal,
  });
  const backups = await judgeBackups(room, root, { path, notBefore: checkpoint?.createdAt ?? null });
  return {
    ...judged(verdict, now),
    changes: copy === null ? null : await changesSince(copy.manifest, manifest),
    manifest,
    rootHash: now.rootHash,
    backups: backups.slice(0, listed).map(({ pair, usable, reason }) => ({
      backup: showPath(pair.backup),
      original: showPath(pair.original),
      usable,
      reason,
    })),
  };
}

/** Data that something still writes to were not seen as they are: sound cannot be said of them. */
function judged(
  verdict: Awaited<ReturnType<typeof checkIntegrity>>,
  now: ManifestSummary,
): Pick<RootFinding, 'integrity' | 'reasons'> {
  const reasons = verdict.reasons.slice(0, 20);
  if (now.changing === 0 || verdict.verdict === 'corrupt') return { integrity: verdict.verdict, reasons };
  return { integrity: 'unknown', reasons: [`${now.changing} file(s) changed while they were read`, ...reasons] };
}
