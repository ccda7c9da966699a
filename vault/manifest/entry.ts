import { z } from 'zod';
import { fromJsonPath, jsonPathSchema, toJsonPath } from '../path-text.ts';
import type { Xattrs } from '../xattrs.ts';

export const manifestFormat = 1;

export const fileTypes = ['file', 'dir', 'symlink', 'fifo', 'socket', 'block', 'char', 'mount'] as const;

/** `mount` is a folder on which something else is mounted: named, never entered. */
export type FileType = (typeof fileTypes)[number];

/** One path of a tree. The root itself has the empty path. */
export interface ManifestEntry {
  /** Bytes relative to the root. */
  readonly path: Buffer;
  readonly type: FileType;
  /** Bytes of a file's content or of a link's target; 0 otherwise. */
  readonly size: number;
  /** Permission bits, with setuid, setgid and sticky. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Microseconds since 1970: the finest time that Node can set again. */
  readonly mtimeUs: number;
  /** Target of a symlink, verbatim. */
  readonly link?: Buffer;
  /** First path, in canonical order, of the hard-link group that this path belongs to; the first itself has none. */
  readonly sameAs?: Buffer;
  readonly sha256?: string;
  /** Device number of a special file. */
  readonly rdev?: number;
  readonly xattrs?: Xattrs;
  /** Error code when the content could not be read. */
  readonly unreadable?: string;
}

const lineSchema = z.object({
  path: jsonPathSchema,
  type: z.enum(fileTypes),
  size: z.int().nonnegative(),
  mode: z.int().nonnegative(),
  uid: z.int().nonnegative(),
  gid: z.int().nonnegative(),
  mtimeUs: z.int(),
  link: jsonPathSchema.optional(),
  sameAs: jsonPathSchema.optional(),
  sha256: z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .optional(),
  rdev: z.int().optional(),
  xattrs: z.array(z.tuple([z.string(), z.string()])).optional(),
  unreadable: z.string().optional(),
});

/** Canonical line of an entry: the same tree gives the same bytes, so that one hash stands for all of it. */
export function encodeEntry(entry: ManifestEntry): string {
  return JSON.stringify({
    path: toJsonPath(entry.path),
    type: entry.type,
    size: entry.size,
    mode: entry.mode,
    uid: entry.uid,
    gid: entry.gid,
    mtimeUs: entry.mtimeUs,
    link: entry.link === undefined ? undefined : toJsonPath(entry.link),
    sameAs: entry.sameAs === undefined ? undefined : toJsonPath(entry.sameAs),
    sha256: entry.sha256,
    rdev: entry.rdev,
    xattrs: entry.xattrs,
    unreadable: entry.unreadable,
  });
}

/** What of an entry is content: what it is called, what it is and what is in it; not whose it is, nor when. */
export function encodeContent(entry: ManifestEntry): string {
  const link = entry.link === undefined ? null : toJsonPath(entry.link);
  return JSON.stringify([toJsonPath(entry.path), entry.type, entry.size, entry.sha256 ?? null, link]);
}

/** @throws ZodError or SyntaxError when the line is no entry */
export function decodeEntry(line: string): ManifestEntry {
  const { path, link, sameAs, ...rest } = lineSchema.parse(JSON.parse(line));
  return {
    ...rest,
    path: fromJsonPath(path),
    ...(link === undefined ? {} : { link: fromJsonPath(link) }),
    ...(sameAs === undefined ? {} : { sameAs: fromJsonPath(sameAs) }),
  };
}

/** Whether the copy of such a thing is the thing: content that a vault can put back. */
export function isRestorable(type: FileType): boolean {
  return type === 'file' || type === 'dir' || type === 'symlink';
}
