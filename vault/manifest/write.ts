import { createHash } from 'node:crypto';
import { closeSync, constants, fsyncSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { inOrder } from '../bounded.ts';
import { DirTree } from '../dir-tree.ts';
import { copyMode, ensureDir, syncDir, tempPrefix } from '../durable-file.ts';
import { errorCode } from '../errors.ts';
import { matcherOf } from '../glob.ts';
import { hashDescriptor } from '../hash-file.ts';
import { mountsBelow } from '../mounts.ts';
import { showPath } from '../path-text.ts';
import { readXattrs, type XattrsOfTree } from '../xattrs.ts';
import { encodeContent, encodeEntry, type ManifestEntry, manifestFormat } from './entry.ts';
import { type Walked, walkTree } from './walk.ts';

export interface ManifestSummary {
  /** The manifest's file. */
  readonly path: string;
  /** SHA-256 over all canonical lines: one hash for tree, content and metadata. */
  readonly rootHash: string;
  /** SHA-256 over names, types, sizes, hashes and link targets only. */
  readonly contentHash: string;
  readonly entries: number;
  readonly files: number;
  readonly dirs: number;
  /** Content of all regular files, hard links counted once. */
  readonly bytes: number;
  /** Paths whose content could not be read. */
  readonly unreadable: number;
  /** Files that changed while they were read: the tree was not at rest. */
  readonly changing: number;
  readonly xattrs: 'read' | 'unread';
  /** Folders that are mount points: named, not entered. For people. */
  readonly otherFilesystems: readonly string[];
}

export interface ManifestProgress {
  readonly entries: number;
  readonly bytes: number;
}

export interface ManifestOptions {
  /** Called every few hundred entries and for each large file. */
  readonly onProgress?: ((progress: ManifestProgress) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Patterns (see `glob.ts`) of paths to leave out, with all that is in them. */
  readonly exclude?: readonly string[] | undefined;
  /** Hashes in flight; the default suits the thread pool. */
  readonly parallel?: number | undefined;
}

/**
 * Records a tree: one line per path in canonical order between a header and a footer with the totals and hashes.
 * Streams: memory grows with the widest folder and with the files that have extended attributes or hard links, not with
 * the number of files. The file is durable when this returns, and is there whole or not at all.
 * @throws the system's error when the root is no folder or cannot be read
 */
export async function writeManifest(
  rootPath: string,
  outFile: string,
  options: ManifestOptions = {},
): Promise<ManifestSummary> {
  const tree = new DirTree(rootPath);
  try {
    const xattrs = await readXattrs(rootPath, options.signal);
    return await writeFileOf(tree, outFile, { ...options, xattrs });
  } finally {
    tree.close();
  }
}

type Writing = ManifestOptions & { readonly xattrs: XattrsOfTree | undefined };

async function writeFileOf(tree: DirTree, outFile: string, options: Writing): Promise<ManifestSummary> {
  ensureDir(dirname(outFile));
  const temp = `${dirname(outFile)}/${tempPrefix}manifest-${process.pid}-${performance.now()}`;
  const out = new LineFile(temp);
  try {
    out.line(JSON.stringify({ manifest: manifestFormat, xattrs: options.xattrs === undefined ? 'unread' : 'read' }));
    const summary = await writeEntries(tree, out, { ...options, outFile });
    const { path: _path, ...footer } = summary;
    out.line(JSON.stringify({ end: footer }));
    out.finish();
    renameSync(temp, outFile);
    syncDir(dirname(outFile));
    return summary;
  } catch (error) {
    out.abandon();
    rmSync(temp, { force: true });
    throw error;
  }
}

async function writeEntries(
  tree: DirTree,
  out: LineFile,
  options: Writing & { readonly outFile: string },
): Promise<ManifestSummary> {
  const tally = new Tally();
  const walk = walkTree(tree, {
    exclude: matcherOf(options.exclude ?? []),
    mounts: mountsBelow(tree.root),
    signal: options.signal,
  });
  const hashed = inOrder(walk, options.parallel ?? 8, (walked) => finish(walked, options));
  for await (const { entry, changed } of hashed) {
    const line = encodeEntry(entry);
    out.line(line);
    tally.add(entry, line, changed);
    if (tally.entries % 256 === 0 || entry.size > 64 * 1024 * 1024) options.onProgress?.(tally);
  }
  options.onProgress?.(tally);
  return tally.summary(options.outFile, options.xattrs === undefined ? 'unread' : 'read');
}

interface Finished {
  readonly entry: ManifestEntry;
  readonly changed: boolean;
}

function finish(walked: Walked, options: Writing): Finished | Promise<Finished> {
  const { entry, fd } = walked;
  const xattrs = options.xattrs?.get(entry.path.toString('latin1'));
  const full = xattrs === undefined ? entry : { ...entry, xattrs };
  return fd === undefined ? { entry: full, changed: false } : hashEntry(full, fd, options.signal);
}

async function hashEntry(entry: ManifestEntry, fd: number, signal: AbortSignal | undefined): Promise<Finished> {
  try {
    const { sha256, bytes, changed } = await hashDescriptor(fd, signal);
    return { entry: { ...entry, size: bytes, sha256 }, changed };
  } catch (error) {
    const code = errorCode(error);
    // A bad sector is a fact about this file, not the end of the manifest.
    if (code === 'EIO' || code === 'EACCES') return { entry: { ...entry, unreadable: code }, changed: false };
    throw error;
  } finally {
    closeSync(fd);
  }
}

class Tally implements ManifestProgress {
  entries = 0;
  bytes = 0;
  #files = 0;
  #dirs = 0;
  #unreadable = 0;
  #changing = 0;
  readonly #other: string[] = [];
  readonly #root = createHash('sha256');
  readonly #content = createHash('sha256');

  add(entry: ManifestEntry, line: string, changed: boolean): void {
    this.entries += 1;
    if (entry.type === 'file') this.#files += 1;
    if (entry.type === 'file' && entry.sameAs === undefined) this.bytes += entry.size;
    if (entry.type === 'dir') this.#dirs += 1;
    if (entry.type === 'mount') this.#other.push(showPath(entry.path));
    if (entry.unreadable !== undefined) this.#unreadable += 1;
    if (changed) this.#changing += 1;
    this.#root.update(`${line}\n`);
    this.#content.update(`${encodeContent(entry)}\n`);
  }

  summary(path: string, xattrs: 'read' | 'unread'): ManifestSummary {
    return {
      path,
      rootHash: this.#root.digest('hex'),
      contentHash: this.#content.digest('hex'),
      entries: this.entries,
      files: this.#files,
      dirs: this.#dirs,
      bytes: this.bytes,
      unreadable: this.#unreadable,
      changing: this.#changing,
      xattrs,
      otherFilesystems: this.#other,
    };
  }
}

/** Lines in large writes to a file of ours. */
class LineFile {
  readonly #fd: number;
  #buffered: string[] = [];
  #size = 0;
  #closed = false;

  constructor(path: string) {
    this.#fd = openSync(path, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, copyMode);
  }

  line(text: string): void {
    this.#buffered.push(text, '\n');
    this.#size += text.length;
    if (this.#size > 256 * 1024) this.#flush();
  }

  finish(): void {
    this.#flush();
    fsyncSync(this.#fd);
    this.abandon();
  }

  abandon(): void {
    if (!this.#closed) closeSync(this.#fd);
    this.#closed = true;
  }

  #flush(): void {
    const bytes = Buffer.from(this.#buffered.join(''));
    for (let done = 0; done < bytes.length; ) done += writeSync(this.#fd, bytes, done);
    this.#buffered = [];
    this.#size = 0;
  }
}
