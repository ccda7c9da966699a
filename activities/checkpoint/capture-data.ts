import { rmSync } from 'node:fs';
import { relative } from 'node:path';
import type { CheckpointData } from '../../contract/records.ts';
import { type CopyResult, copyTree } from '../../vault/copy-tree.ts';
import { nameExists } from '../../vault/durable-file.ts';
import { Refused, VerifyFailed } from '../../vault/errors.ts';
import type { CheckpointLayout } from '../../vault/layout.ts';
import { checkManifest } from '../../vault/manifest/read.ts';
import { type ManifestSummary, writeManifest } from '../../vault/manifest/write.ts';
import type { EarlierCopy } from '../../vault/share-unchanged.ts';
import { excludedOf } from '../checks/checks-of.ts';
import { locateRoot } from '../checks/locate-root.ts';
import { classify } from '../containers/find-containers.ts';
import { checkpointCopyOf } from '../data/compare-with-checkpoint.ts';
import { findWriters, realOf } from '../data/covers-root.ts';
import { deviceOf } from '../data/device-of.ts';
import { takeDump } from '../data/take-dump.ts';
import { progressTeller } from '../data/tell-progress.ts';
import { thawLeft, whileFrozen } from '../data/while-frozen.ts';
import { ActFailure } from '../kernel/failures.ts';
import { sealedCheckpoints } from '../kernel/records.ts';
import type { ActBody, Room } from '../kernel/room.ts';
import { readPart, writePart } from './parts.ts';

type DataRoot = Room['target']['data'][number];
type FolderRoot = Exclude<DataRoot, { readonly kind: 'dump' }>;

/**
 * Manifest and verified copy of one data root. What is at rest is copied as it is; when anything of it changes between
 * the first look and the last, the containers that write there are paused and it is copied once more: a database and
 * its journals are one set, or the checkpoint is none.
 */
export const captureData: ActBody = async (room) => {
  const root = rootOf(room);
  const layout = room.layout.checkpoint(room.input.rollbackId);
  await thawLeft(room);
  const known = await alreadyCaptured(room, root, layout);
  if (known !== undefined) {
    const reason = `The copy of ${root.name} is there and was read again: ${told(known)}.`;
    return { outcome: 'already-done', reason, figures: figuresOf(known) };
  }
  const { summary, how, device, shared } = await capture(room, root, layout);
  const part: CheckpointData = {
    root: root.name,
    kind: root.kind,
    copy: relative(layout.dir, layout.dataDir(root.name)),
    manifest: relative(layout.dir, layout.manifest(root.name)),
    rootHash: summary.rootHash,
    contentHash: summary.contentHash,
    files: summary.files,
    bytes: summary.bytes,
    device,
    ...(shared === undefined ? {} : { shared }),
  };
  const file = writePart(room, 'data', part, root.name);
  const lent = shared === undefined ? '' : `, ${shared.files} of them unchanged and shared with ${shared.from}`;
  const reason = `${root.name}: ${told(part)} copied and verified, ${how}${lent}.`;
  return { outcome: 'done', reason, figures: figuresOf(part), files: [file] };
};

function rootOf(room: Room): DataRoot {
  const root = room.target.data.find(({ name }) => name === room.input.options.root);
  if (root !== undefined) return root;
  throw new ActFailure('refused', `The target has no data root ${room.input.options.root ?? 'without a name'}.`);
}

/** A part is written behind its verified copy; whoever finds both proves the copy once more and keeps it. */
async function alreadyCaptured(
  room: Room,
  root: DataRoot,
  layout: CheckpointLayout,
): Promise<CheckpointData | undefined> {
  const part = readPart(room, 'data', root.name);
  const copy = layout.dataDir(root.name);
  if (part !== undefined && nameExists(copy)) {
    const recorded = await checkManifest(layout.manifest(root.name));
    if (recorded.rootHash === part.rootHash && (await isWhole(room, copy, recorded))) return part;
  }
  room.beforeEffect();
  rmSync(copy, { recursive: true, force: true });
  return undefined;
}

async function isWhole(room: Room, copy: string, recorded: ManifestSummary): Promise<boolean> {
  const check = `${recorded.path}.check-${process.pid}`;
  try {
    const now = await writeManifest(copy, check, { signal: room.signal });
    return now.contentHash === recorded.contentHash;
  } finally {
    rmSync(check, { force: true });
  }
}

interface Captured {
  readonly summary: ManifestSummary;
  readonly how: string;
  readonly device: string | null;
  readonly shared?: CheckpointData['shared'];
}

async function capture(room: Room, root: DataRoot, layout: CheckpointLayout): Promise<Captured> {
  const [folder, manifest] = [layout.dataDir(root.name), layout.manifest(root.name)];
  if (root.kind === 'dump') {
    const summary = await takeDump(room, root, { folder, manifest });
    if (summary.bytes > 0) return { summary, how: 'by the dump command of the target', device: null };
    throw new ActFailure('io-error', `The dump of ${root.name} is empty; it was not recorded.`);
  }
  const place = await locateRoot(room, root);
  if ('problem' in place) throw new ActFailure('refused', `${root.name}: ${place.problem}; it was not recorded.`);
  const path = realOf(place.path);
  const earlier = await earlierCopyOf(room, root);
  const job = { root, path, folder, manifest, earlier };
  const device = deviceOf(path);
  const first = await copyAtRest(room, job);
  if (first !== undefined) return captured(first, { how: 'nothing changed meanwhile', device, earlier });

  const writers = (await findWriters(room, root, path)).filter((facts) => classify(room, facts).system !== 'foreign');
  if (writers.length > 0) room.progress(`${root.name}: pauses ${writers.map(({ name }) => name).join(', ')}`);
  const second = await whileFrozen(room, writers, () => copyAtRest(room, job));
  if (second === undefined) {
    throw new ActFailure(
      'io-error',
      `${root.name} changes all the time, by none of our containers; nothing was recorded.`,
    );
  }
  return captured(second, { how: `while ${writers.map(({ name }) => name).join(', ')} was paused`, device, earlier });
}

type Earlier = EarlierCopy & { readonly id: string };

/** The newest sealed checkpoint's copy of this root; one whose manifest was changed lends nothing. */
async function earlierCopyOf(room: Room, root: FolderRoot): Promise<Earlier | undefined> {
  const record = sealedCheckpoints(room).findLast(
    ({ id, data }) =>
      id !== room.input.rollbackId && data.some(({ root: name, kind }) => name === root.name && kind === root.kind),
  );
  if (record === undefined) return undefined;
  const found = await checkpointCopyOf(room, record, root.name);
  return 'problem' in found ? undefined : { id: record.id, manifest: found.manifest, copy: found.copy };
}

function captured(
  copied: CopyResult,
  about: { readonly how: string; readonly device: string | null; readonly earlier: Earlier | undefined },
): Captured {
  const { how, device, earlier } = about;
  const { manifest: summary, shared, earlierDamaged } = copied;
  if (earlierDamaged) {
    const damaged = `the copy in checkpoint ${earlier?.id ?? ''} is damaged on disk and lends nothing`;
    return { summary, how: `${how}; ${damaged}`, device };
  }
  if (earlier === undefined || shared.files === 0) return { summary, how, device };
  return { summary, how, device, shared: { from: earlier.id, ...shared } };
}

/** @returns undefined when anything changed from before the copy until after it */
async function copyAtRest(
  room: Room,
  job: {
    readonly root: FolderRoot;
    readonly path: string;
    readonly folder: string;
    readonly manifest: string;
    readonly earlier: Earlier | undefined;
  },
): Promise<CopyResult | undefined> {
  const { root, path, folder, manifest, earlier } = job;
  const exclude = excludedOf(root);
  const options = { exclude, signal: room.signal, onProgress: progressTeller(room, root.name) };
  const after = `${manifest}.after-${process.pid}`;
  try {
    const beforeEffect = () => room.beforeEffect();
    const copied = await copyTree(path, folder, { ...options, manifest, share: earlier, beforeEffect });
    const now = await writeManifest(path, after, { exclude, signal: room.signal });
    if (now.rootHash === copied.manifest.rootHash) return copied;
  } catch (error) {
    const moving = error instanceof VerifyFailed || (error instanceof Refused && error.reason === 'changing');
    if (!moving) throw error;
  } finally {
    rmSync(after, { force: true });
  }
  room.beforeEffect();
  rmSync(folder, { recursive: true, force: true });
  return undefined;
}

function told({ files, bytes }: CheckpointData): string {
  return `${files} file(s), ${bytes} bytes`;
}

function figuresOf({ files, bytes, rootHash }: CheckpointData) {
  return { files, bytes, rootHash };
}
