import { type BigIntStats, lstatSync, readdirSync, readlinkSync } from 'node:fs';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { DirTree } from '../dir-tree.ts';
import { errorCode } from '../errors.ts';
import type { PathMatcher } from '../glob.ts';
import { openForReading } from '../hash-file.ts';
import { microsecondsOf } from '../mtime.ts';
import { joinPath } from '../path-text.ts';
import type { FileType, ManifestEntry } from './entry.ts';

export interface WalkOptions {
  readonly exclude: PathMatcher;
  /** Mount points below the root, relative to it. */
  readonly mounts: readonly Buffer[];
  readonly signal?: AbortSignal | undefined;
}

/** An entry without its hash; of a regular file with an open descriptor that the receiver closes. */
export interface Walked {
  readonly entry: ManifestEntry;
  readonly fd?: number;
}

/**
 * Every path of a tree in canonical order: a sorted walk folder by folder needs no sort over all. Links are not
 * followed, mounts are named and not entered. Names that vanish meanwhile are left out.
 */
export async function* walkTree(tree: DirTree, options: WalkOptions): AsyncGenerator<Walked> {
  // The handle's own path is a link in /proc: with "/." behind it lstat sees the folder.
  const here = lstatSync(Buffer.concat([tree.folder(Buffer.alloc(0)), Buffer.from('/.')]), { bigint: true });
  const links = new Map<string, Buffer>();
  yield { entry: describe(Buffer.alloc(0), here, 'dir') };
  const stack: Buffer[][] = [childrenOf(tree, Buffer.alloc(0), options)];
  let count = 0;
  for (let level = stack.at(-1); level !== undefined; level = stack.at(-1)) {
    const path = level.pop();
    if (path === undefined) {
      stack.pop();
      continue;
    }
    count += 1;
    // Synchronous calls are the cheapest way through a tree; others on this thread get their turn in between.
    if (count % 256 === 0) await nextTurn();
    options.signal?.throwIfAborted();
    const walked = visit(tree, path, { device: here.dev, mounts: options.mounts, links });
    if (walked === undefined) continue;
    if (walked.entry.type !== 'dir') {
      yield walked;
      continue;
    }
    const children = childrenOrCode(tree, path, options);
    if (children === 'ENOENT') continue;
    yield typeof children === 'string' ? { entry: { ...walked.entry, unreadable: children } } : walked;
    if (typeof children !== 'string') stack.push(children);
  }
}

interface Surroundings {
  readonly device: bigint;
  readonly mounts: readonly Buffer[];
  readonly links: Map<string, Buffer>;
}

function visit(tree: DirTree, path: Buffer, around: Surroundings): Walked | undefined {
  const at = tree.at(path);
  const stat = lstatSync(at, { bigint: true, throwIfNoEntry: false });
  if (stat === undefined) return undefined;
  const mounted =
    stat.isDirectory() && (stat.dev !== around.device || around.mounts.some((mount) => mount.equals(path)));
  const type = mounted ? 'mount' : typeOf(stat);
  const entry = { ...describe(path, stat, type), ...hardLink(path, stat, around.links) };
  if (type === 'symlink') {
    const link = readlinkSync(at, { encoding: 'buffer' });
    return { entry: { ...entry, link, size: link.length } };
  }
  if (type !== 'file') return { entry };
  try {
    return { entry, fd: openForReading(at) };
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    return { entry: { ...entry, unreadable: errorCode(error) ?? 'unknown' } };
  }
}

/** Names in a folder, last first, so that the first can be popped. */
function childrenOf(tree: DirTree, folder: Buffer, options: WalkOptions): Buffer[] {
  return readdirSync(tree.folder(folder), { encoding: 'buffer' })
    .sort((a, b) => Buffer.compare(b, a))
    .map((name) => joinPath(folder, name))
    .filter((path) => !options.exclude(path));
}

function childrenOrCode(tree: DirTree, folder: Buffer, options: WalkOptions): Buffer[] | string {
  try {
    return childrenOf(tree, folder, options);
  } catch (error) {
    return errorCode(error) ?? 'unknown';
  }
}

/** All but the first path of an inode name the first: independent of inode numbers, so copies compare equal. */
function hardLink(path: Buffer, stat: BigIntStats, links: Map<string, Buffer>): { readonly sameAs?: Buffer } {
  if (stat.isDirectory() || stat.nlink < 2n) return {};
  const inode = `${stat.dev}:${stat.ino}`;
  const first = links.get(inode);
  if (first !== undefined) return { sameAs: first };
  links.set(inode, path);
  return {};
}

function describe(path: Buffer, stat: BigIntStats, type: FileType): ManifestEntry {
  const special = type === 'block' || type === 'char';
  return {
    path,
    type,
    size: type === 'file' ? Number(stat.size) : 0,
    mode: Number(stat.mode) & 0o7777,
    uid: Number(stat.uid),
    gid: Number(stat.gid),
    mtimeUs: microsecondsOf(stat.mtimeNs),
    ...(special ? { rdev: Number(stat.rdev) } : {}),
  };
}

function typeOf(stat: BigIntStats): FileType {
  if (stat.isFile()) return 'file';
  if (stat.isDirectory()) return 'dir';
  if (stat.isSymbolicLink()) return 'symlink';
  if (stat.isFIFO()) return 'fifo';
  if (stat.isSocket()) return 'socket';
  return stat.isBlockDevice() ? 'block' : 'char';
}
