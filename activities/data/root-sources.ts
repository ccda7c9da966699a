import { createHash } from 'node:crypto';
import { lstatSync, readFileSync } from 'node:fs';
import type { CheckpointRecord } from '../../contract/records.ts';
import type { RootFacts } from '../../runbook/decide-root.ts';
import { nameExists } from '../../vault/durable-file.ts';
import { readManifest } from '../../vault/manifest/read.ts';
import { showPath } from '../../vault/path-text.ts';
import type { Git } from '../adapters/git.ts';
import { locateRoot } from '../checks/locate-root.ts';
import type { Room } from '../kernel/room.ts';
import { type CheckpointCopy, checkpointCopyOf } from './compare-with-checkpoint.ts';
import { deviceOf, isSameDevice } from './device-of.ts';
import { insideOf, prefixOf, type TrackedFile, trackedBelow } from './root-in-git.ts';
import { type JudgedBackup, judgeBackups } from './usable-backups.ts';

type DataRoot = Room['target']['data'][number];

export interface Sources {
  readonly sources: RootFacts['sources'];
  readonly disagreements: readonly string[];
}

/** What a data root could be put back from, in the order of design §4.5, and where these say different things. */
export async function sourcesOf(
  room: Room,
  asked: {
    readonly root: DataRoot;
    readonly checkpoint: CheckpointRecord | null;
    readonly git: Git | null;
    readonly commit: string;
    /** Reading everything for differences takes time that an emergency does not have. */
    readonly compare: boolean;
  },
): Promise<Sources> {
  const { root, checkpoint, git, commit, compare } = asked;
  const found = await checkpointCopyOf(room, checkpoint, root.name);
  const copy = 'problem' in found || !nameExists(found.copy) ? null : found;
  const place = await locateRoot(room, root);
  const where = 'path' in place ? place.path : root.kind === 'path' ? root.path : null;
  // On another disk than the checkpoint's nothing may be put back: it would go to the wrong place.
  if (where !== null && !isSameDevice(deviceOf(where), copy?.record.device)) return { sources: [], disagreements: [] };
  if (where === null && root.kind === 'volume') return { sources: [], disagreements: [] };
  const tracked = await trackedIn(room, { root, git, commit });
  const path = 'path' in place ? place.path : null;
  const backups = await backupsIn(room, { root, path, checkpoint });
  const sources = [
    ...(copy === null ? [] : (['checkpoint'] as const)),
    ...(tracked.files.length === 0 ? [] : (['git'] as const)),
    ...(backups.length === 0 ? [] : (['backup'] as const)),
  ];
  if (!compare || copy === null || sources.length < 2) return { sources, disagreements: [] };
  return { sources, disagreements: await disagreementsOf(copy, tracked, backups) };
}

interface Tracked {
  readonly prefix: Buffer;
  readonly files: readonly TrackedFile[];
}

async function trackedIn(
  room: Room,
  asked: { readonly root: DataRoot; readonly git: Git | null; readonly commit: string },
): Promise<Tracked> {
  const { root, git, commit } = asked;
  const prefix = git === null || root.kind !== 'path' ? undefined : prefixOf(room, git, root.name);
  if (git === null || prefix === undefined) return { prefix: Buffer.alloc(0), files: [] };
  return { prefix, files: await trackedBelow(git, commit, prefix) };
}

async function backupsIn(
  room: Room,
  asked: { readonly root: DataRoot; readonly path: string | null; readonly checkpoint: CheckpointRecord | null },
): Promise<readonly JudgedBackup[]> {
  const { root, path, checkpoint } = asked;
  if (root.kind === 'dump' || path === null) return [];
  const judged = await judgeBackups(room, root, { path, notBefore: checkpoint?.createdAt ?? null });
  return judged.filter(({ usable }) => usable);
}

/** Files of which the checkpoint's copy, git and a backup do not all have the same content. */
async function disagreementsOf(
  copy: CheckpointCopy,
  tracked: Tracked,
  backups: readonly JudgedBackup[],
): Promise<readonly string[]> {
  const inGit = new Map(tracked.files.map((file) => [insideOf(tracked.prefix, file.path).toString('latin1'), file]));
  const inBackup = new Map(backups.map(({ pair }) => [pair.original.toString('latin1'), pair]));
  const [git, backup]: [string[], string[]] = [[], []];
  for await (const entry of readManifest(copy.manifest)) {
    if (entry.type !== 'file' || entry.sha256 === undefined) continue;
    const key = entry.path.toString('latin1');
    const file = inGit.get(key);
    if (file !== undefined && !isBlob(Buffer.concat([Buffer.from(`${copy.copy}/`), entry.path]), file.oid)) {
      git.push(showPath(entry.path));
    }
    const pair = inBackup.get(key);
    if (pair !== undefined && pair.backupSha256 !== entry.sha256) backup.push(showPath(entry.path));
  }
  return [
    ...sentence(git, 'of the checkpoint copy differ from its commit'),
    ...sentence(backup, 'of the checkpoint copy differ from their backups'),
  ];
}

function sentence(paths: readonly string[], what: string): readonly string[] {
  if (paths.length === 0) return [];
  return [`${paths.length} file(s) ${what}, first: ${paths.slice(0, 3).join(', ')}`];
}

/** Larger tracked files are not read twice. */
const maxBytes = 64 * 1024 * 1024;

/** Whether a file's bytes are those of a blob, line ends aside: git normalises them (facts). */
function isBlob(path: Buffer, oid: string): boolean {
  const stat = lstatSync(path, { throwIfNoEntry: false });
  if (stat?.isFile() !== true || stat.size > maxBytes) return true;
  const content = readFileSync(path);
  if (blobId(content, oid.length) === oid) return true;
  const unix = Buffer.from(content.toString('latin1').replaceAll('\r\n', '\n'), 'latin1');
  return unix.length !== content.length && blobId(unix, oid.length) === oid;
}

function blobId(content: Buffer, length: number): string {
  const hash = createHash(length === 40 ? 'sha1' : 'sha256');
  return hash.update(`blob ${content.length}\0`).update(content).digest('hex');
}
