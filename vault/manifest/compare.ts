import { comparePaths } from '../path-text.ts';
import type { ManifestEntry } from './entry.ts';
import { knowsXattrs, readManifest } from './read.ts';

/**
 * How a path differs: `a` is what should be, `b` what is. `metadata` is owner, mode, time, hard link or extended
 * attributes with the same content; `fields` names them.
 */
export interface Difference {
  readonly path: Buffer;
  readonly kind: 'missing' | 'extra' | 'content' | 'type' | 'metadata';
  readonly a?: ManifestEntry;
  readonly b?: ManifestEntry;
  readonly fields: readonly MetadataField[];
}

export type MetadataField = 'mode' | 'uid' | 'gid' | 'mtime' | 'hardlink' | 'xattrs';

export interface CompareSummary {
  readonly equal: number;
  /** Content or type differs. */
  readonly differing: number;
  readonly missing: number;
  readonly extra: number;
  readonly metadataOnly: number;
  /** Bytes of files that are equal, that differ or are missing (as they should be), and that are extra. */
  readonly equalBytes: number;
  readonly differingBytes: number;
  readonly extraBytes: number;
}

/** What is the same is yielded too when asked for, so that sums need no second pass. */
export interface Compared {
  readonly path: Buffer;
  readonly a?: ManifestEntry;
  readonly b?: ManifestEntry;
  readonly difference?: Difference;
}

/** Differences of two manifests by a merge of their streams; `a` should be, `b` is. */
export async function* compareManifests(a: string, b: string): AsyncGenerator<Difference> {
  for await (const { difference } of mergeManifests(a, b)) if (difference !== undefined) yield difference;
}

/** Counts and bytes of a comparison. */
export async function compareSummary(a: string, b: string): Promise<CompareSummary> {
  const sum = { equal: 0, differing: 0, missing: 0, extra: 0, metadataOnly: 0 };
  const bytes = { equalBytes: 0, differingBytes: 0, extraBytes: 0 };
  for await (const { a: should, b: is, difference } of mergeManifests(a, b)) {
    const size = should?.size ?? is?.size ?? 0;
    const kind = difference?.kind;
    if (kind === undefined) sum.equal += 1;
    else if (kind === 'metadata') sum.metadataOnly += 1;
    else if (kind === 'missing' || kind === 'extra') sum[kind] += 1;
    else sum.differing += 1;
    if (kind === undefined || kind === 'metadata') bytes.equalBytes += size;
    else if (kind === 'extra') bytes.extraBytes += size;
    else bytes.differingBytes += size;
  }
  return { ...sum, ...bytes };
}

/** Both manifests side by side, in canonical order. */
export async function* mergeManifests(a: string, b: string): AsyncGenerator<Compared> {
  const xattrs = (await knowsXattrs(a)) && (await knowsXattrs(b));
  const left = readManifest(a);
  const right = readManifest(b);
  try {
    let [x, y] = [await left.next(), await right.next()];
    while (!x.done || !y.done) {
      const order = x.done ? 1 : y.done ? -1 : comparePaths(x.value.path, y.value.path);
      if (order < 0 && !x.done) {
        yield { path: x.value.path, a: x.value, difference: missing(x.value) };
        x = await left.next();
      } else if (order > 0 && !y.done) {
        yield { path: y.value.path, b: y.value, difference: extra(y.value) };
        y = await right.next();
      } else if (!x.done && !y.done) {
        const difference = differenceOf(x.value, y.value, { xattrs });
        yield { path: x.value.path, a: x.value, b: y.value, ...(difference === undefined ? {} : { difference }) };
        [x, y] = [await left.next(), await right.next()];
      }
    }
  } finally {
    await left.return(undefined);
    await right.return(undefined);
  }
}

/** How one entry differs from what it should be, in what both sides know. */
function differenceOf(a: ManifestEntry, b: ManifestEntry, known: Known): Difference | undefined {
  const both = { path: a.path, a, b };
  if (a.type !== b.type) return { ...both, kind: 'type', fields: [] };
  if (!sameContent(a, b)) return { ...both, kind: 'content', fields: [] };
  const fields = metadataFields(a, b, known);
  return fields.length === 0 ? undefined : { ...both, kind: 'metadata', fields };
}

interface Known {
  readonly xattrs: boolean;
}

function missing(a: ManifestEntry): Difference {
  return { path: a.path, kind: 'missing', a, fields: [] };
}

function extra(b: ManifestEntry): Difference {
  return { path: b.path, kind: 'extra', b, fields: [] };
}

/** What could not be read is never equal to anything. */
function sameContent(a: ManifestEntry, b: ManifestEntry): boolean {
  if (a.unreadable !== undefined || b.unreadable !== undefined) return false;
  if (a.type === 'symlink') return a.link !== undefined && b.link !== undefined && a.link.equals(b.link);
  return a.size === b.size && a.sha256 === b.sha256 && a.rdev === b.rdev;
}

function metadataFields(a: ManifestEntry, b: ManifestEntry, known: Known): MetadataField[] {
  const fields: MetadataField[] = [];
  // The mode of a symlink means nothing and cannot be set.
  if (a.mode !== b.mode && a.type !== 'symlink') fields.push('mode');
  if (a.uid !== b.uid) fields.push('uid');
  if (a.gid !== b.gid) fields.push('gid');
  if (a.mtimeUs !== b.mtimeUs) fields.push('mtime');
  if (Buffer.compare(a.sameAs ?? Buffer.alloc(0), b.sameAs ?? Buffer.alloc(0)) !== 0) fields.push('hardlink');
  if (known.xattrs && JSON.stringify(a.xattrs ?? []) !== JSON.stringify(b.xattrs ?? [])) fields.push('xattrs');
  return fields;
}
