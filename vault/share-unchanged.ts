import { linkSync, lstatSync } from 'node:fs';
import { DirTree } from './dir-tree.ts';
import { errorCode } from './errors.ts';
import { mergeManifests } from './manifest/compare.ts';
import type { ManifestEntry } from './manifest/entry.ts';
import { readManifest } from './manifest/read.ts';
import { microsecondsOf } from './mtime.ts';

/** An earlier copy of the same tree, whose manifest was proven to be the recorded one. */
export interface EarlierCopy {
  readonly manifest: string;
  /** Folder of the copy. */
  readonly copy: string;
}

export interface Shareable {
  readonly entry: ManifestEntry;
  /** The earlier copy has this very file: content, owner, mode and time. */
  readonly unchanged: boolean;
}

/**
 * Entries of a manifest in order, each with whether the earlier copy can lend its file. Files with extended attributes
 * or hard links of their own are never lent: setting either would write to the one file that both copies have.
 */
export async function* withUnchanged(
  manifest: string,
  earlier: EarlierCopy | undefined,
): AsyncGenerator<Shareable, void, undefined> {
  if (earlier === undefined) {
    for await (const entry of readManifest(manifest)) yield { entry, unchanged: false };
    return;
  }
  const linked = new Set([...(await firstOfLinks(earlier.manifest)), ...(await firstOfLinks(manifest))]);
  for await (const { a, b, difference } of mergeManifests(earlier.manifest, manifest)) {
    if (b === undefined) continue;
    const alone = b.sameAs === undefined && !linked.has(b.path.toString('latin1'));
    const plain = a?.xattrs === undefined && b.xattrs === undefined;
    const unchanged = a !== undefined && difference === undefined && b.type === 'file' && alone && plain;
    yield { entry: b, unchanged };
  }
}

/** Bytes of files that have to be copied; what can be shared needs no space. */
export async function bytesToCopy(manifest: string, earlier: EarlierCopy): Promise<number> {
  let bytes = 0;
  for await (const { entry, unchanged } of withUnchanged(manifest, earlier)) {
    if (!unchanged && entry.type === 'file' && entry.sameAs === undefined) bytes += entry.size;
  }
  return bytes;
}

/** First paths of hard-link groups: their inode has several names within one tree. */
async function firstOfLinks(manifest: string): Promise<readonly string[]> {
  const first: string[] = [];
  for await (const { sameAs } of readManifest(manifest))
    if (sameAs !== undefined) first.push(sameAs.toString('latin1'));
  return first;
}

/** What a filesystem or an account may refuse: then the file is copied like any other. */
const copyInstead: ReadonlySet<string> = new Set([
  'EMLINK',
  'EXDEV',
  'EPERM',
  'EACCES',
  'ENOENT',
  'ENOTDIR',
  'ENOTSUP',
]);

/**
 * Gives the earlier copy's file a second name in the new copy. Copies are written once and only read from then on, so
 * neither can spoil the other; pruning takes names away, and a file goes with its last one.
 * @returns false when it has to be copied: the file there is not as recorded, or no link can be made
 */
export function linkUnchanged(from: DirTree, to: DirTree, entry: ManifestEntry): boolean {
  try {
    const there = from.at(entry.path);
    const stat = lstatSync(there, { bigint: true });
    const asRecorded =
      stat.isFile() && Number(stat.size) === entry.size && microsecondsOf(stat.mtimeNs) === entry.mtimeUs;
    if (!asRecorded) return false;
    linkSync(there, to.at(entry.path));
    return true;
  } catch (error) {
    if (copyInstead.has(errorCode(error) ?? '')) return false;
    throw error;
  }
}

/** The earlier copy's folder, or undefined when it is not there (any more). */
export function openEarlier(earlier: EarlierCopy | undefined): DirTree | undefined {
  if (earlier === undefined) return undefined;
  try {
    return new DirTree(earlier.copy);
  } catch (error) {
    if (copyInstead.has(errorCode(error) ?? '')) return undefined;
    throw error;
  }
}
