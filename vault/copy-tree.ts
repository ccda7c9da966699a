import { closeSync, linkSync, readdirSync, renameSync, rmSync, statfsSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { inOrder } from './bounded.ts';
import { DirTree } from './dir-tree.ts';
import { ensureDir, nameExists, syncDir } from './durable-file.ts';
import { type PathProblem, Refused, SourceRefused, VerifyFailed } from './errors.ts';
import { openForReading } from './hash-file.ts';
import { type CompareSummary, compareManifests, compareSummary, type Difference } from './manifest/compare.ts';
import { isRestorable, type ManifestEntry } from './manifest/entry.ts';
import { checkManifest, readManifest } from './manifest/read.ts';
import { type ManifestSummary, writeManifest } from './manifest/write.ts';
import { showPath } from './path-text.ts';
import { createNew, fillFile, placeSymlink, setHeld } from './place-entry.ts';
import { applyXattrs } from './xattrs.ts';

export interface CopyProgress {
  readonly phase: 'manifest' | 'copy' | 'verify';
  readonly entries: number;
  readonly bytes: number;
}

export interface CopyOptions {
  /** Where the manifest of the source goes. */
  readonly manifest: string;
  /** Manifest that the source must match in content; a differing source is refused. */
  readonly expected?: string | undefined;
  readonly exclude?: readonly string[] | undefined;
  readonly onProgress?: ((progress: CopyProgress) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
  /** The fence (see `epoch.ts`): called in the same tick right before each effect. */
  readonly beforeEffect: () => void;
}

export interface CopyResult {
  readonly manifest: ManifestSummary;
  /** The copy against the source's manifest: content is equal, or this was not returned. */
  readonly verified: CompareSummary;
  /** FIFOs, sockets, devices and mounts: in the manifest, not in the copy. The first twenty. */
  readonly notCopied: readonly string[];
  /** Owners, times or extended attributes that this account or filesystem could not keep; the manifest has them. */
  readonly metadataLost: number;
}

/**
 * Makes a verified, durable copy of a tree: manifest of the source, copy under another name, manifest of the copy,
 * comparison, rename. `destination` is there whole or not at all. A failed attempt takes its half-done copy away, since
 * a full disk is often why it failed; a killed one's leftovers are removed by the next.
 * @throws Refused (`exists`, `no-space`, `unreadable`, `changing`), SourceRefused when it is not as `expected`
 */
export async function copyTree(source: string, destination: string, options: CopyOptions): Promise<CopyResult> {
  if (nameExists(destination)) {
    throw refusal('exists', destination, 'it exists already', 'Verify and use it, or choose another name.');
  }
  options.beforeEffect();
  const partial = freshPartial(destination);
  const manifest = await manifestOfSource(source, options);
  checkSpace(dirname(destination), manifest.bytes);
  try {
    const notCopied = await fillPartial({ source, partial, manifest }, options);
    const verified = await verifyCopy(partial, manifest, options);
    options.beforeEffect();
    renameSync(partial, destination);
    syncDir(dirname(destination));
    return { manifest, verified, notCopied, metadataLost: verified.metadataOnly };
  } catch (error) {
    throw discarded(partial, error);
  }
}

async function fillPartial(
  copy: { readonly source: string; readonly partial: string; readonly manifest: ManifestSummary },
  options: CopyOptions,
): Promise<readonly string[]> {
  const copier = new TreeCopier(copy.source, copy.partial, options);
  try {
    await copier.copyAll(copy.manifest);
    return copier.notCopied;
  } finally {
    copier.close();
  }
}

/** Removes a half-done copy of ours; a clean-up that fails too does not hide why the copy failed. */
function discarded(partial: string, cause: unknown): unknown {
  try {
    rmSync(partial, { recursive: true, force: true });
    return cause;
  } catch (error) {
    return new AggregateError([cause, error], `${String(cause)}; and ${partial} could not be removed`);
  }
}

async function manifestOfSource(source: string, options: CopyOptions): Promise<ManifestSummary> {
  const { signal, exclude, onProgress } = options;
  const report = (p: { entries: number; bytes: number }) => onProgress?.({ phase: 'manifest', ...pick(p) });
  const summary = await writeManifest(source, options.manifest, { signal, exclude, onProgress: report });
  if (summary.unreadable > 0) {
    const first = await firstWhere(options.manifest, (entry) => entry.unreadable !== undefined);
    throw refusal(
      'unreadable',
      source,
      `${summary.unreadable} path(s) cannot be read, first: ${first}`,
      'Run as an account that can read them.',
    );
  }
  if (summary.changing > 0) {
    throw refusal(
      'changing',
      source,
      `${summary.changing} file(s) changed while they were read`,
      'Stop what writes there.',
    );
  }
  if (options.expected !== undefined) await checkExpected(source, options.expected, summary);
  return summary;
}

async function checkExpected(source: string, expected: string, is: ManifestSummary): Promise<void> {
  const should = await checkManifest(expected);
  if (should.contentHash === is.contentHash) return;
  const problems = await problemsOf(compareManifests(expected, is.path), (d) => d.kind !== 'metadata');
  throw new SourceRefused({ source, ...problems });
}

/** FIFOs and the like cannot be in a copy; everything else must be, with the same content. */
async function verifyCopy(partial: string, manifest: ManifestSummary, options: CopyOptions): Promise<CompareSummary> {
  const own = `${partial}.manifest`;
  const report = (p: { entries: number; bytes: number }) => options.onProgress?.({ phase: 'verify', ...pick(p) });
  try {
    await writeManifest(partial, own, { signal: options.signal, onProgress: report });
    const isWrong = (d: Difference) => d.kind !== 'metadata' && isRestorable(d.a?.type ?? 'file');
    const problems = await problemsOf(compareManifests(manifest.path, own), isWrong);
    if (problems.count > 0) throw new VerifyFailed({ path: partial, ...problems });
    return await compareSummary(manifest.path, own);
  } finally {
    rmSync(own, { force: true });
  }
}

/** Counts the differences that matter and keeps the first twenty. */
export async function problemsOf(
  differences: AsyncIterable<Difference>,
  matters: (difference: Difference) => boolean,
): Promise<{ readonly count: number; readonly problems: readonly PathProblem[] }> {
  const problems: PathProblem[] = [];
  let count = 0;
  for await (const difference of differences) {
    if (!matters(difference)) continue;
    count += 1;
    if (problems.length < 20) problems.push({ path: showPath(difference.path), reason: difference.kind });
  }
  return { count, problems };
}

/** Refuses before the start what cannot fit; sixteen MiB stay for everybody else. */
export function checkSpace(folder: string, bytes: number): void {
  const { bavail, bsize } = statfsSync(folder);
  const free = bavail * bsize;
  const needed = bytes + 16 * 1024 * 1024;
  if (free >= needed) return;
  throw refusal(
    'no-space',
    folder,
    `${needed} bytes are needed and ${free} are free`,
    'Free space or choose another disk.',
  );
}

class TreeCopier {
  readonly notCopied: string[] = [];
  readonly #options: CopyOptions;
  readonly #from: DirTree;
  readonly #to: DirTree;
  readonly #partial: string;
  #entries = 0;
  #bytes = 0;

  constructor(source: string, partial: string, options: CopyOptions) {
    this.#options = options;
    this.#partial = partial;
    ensureDir(partial, 0o700);
    this.#from = new DirTree(source);
    this.#to = new DirTree(partial);
  }

  /** Files and links first, then hard links, then what a change inside would spoil: times and modes of folders. */
  async copyAll(manifest: ManifestSummary): Promise<void> {
    for await (const _ of inOrder(readManifest(manifest.path), 8, (entry) => this.#copyEntry(entry)));
    const xattrs = new Map<string, NonNullable<ManifestEntry['xattrs']>>();
    for await (const entry of readManifest(manifest.path)) {
      if (entry.sameAs !== undefined && isRestorable(entry.type)) this.#copyHardLink(entry.path, entry.sameAs);
      if (entry.xattrs !== undefined && isRestorable(entry.type))
        xattrs.set(entry.path.toString('latin1'), entry.xattrs);
    }
    // What could not be set shows as a metadata difference in the verification.
    await applyXattrs(this.#partial, xattrs);
    for await (const entry of readManifest(manifest.path)) if (entry.type === 'dir') this.#settleFolder(entry);
  }

  close(): void {
    this.#from.close();
    this.#to.close();
  }

  async #copyEntry(entry: ManifestEntry): Promise<void> {
    this.#options.signal?.throwIfAborted();
    this.#options.beforeEffect();
    if (entry.type === 'dir') this.#to.makeFolders(entry.path);
    else if (!isRestorable(entry.type)) this.#leaveOut(entry);
    else if (entry.sameAs === undefined && entry.link !== undefined) {
      placeSymlink(this.#to.at(entry.path), entry.link, entry);
    } else if (entry.sameAs === undefined) await this.#copyFile(entry);
    this.#entries += 1;
    this.#bytes += entry.size;
    if (this.#entries % 256 === 0) {
      this.#options.onProgress?.({ phase: 'copy', entries: this.#entries, bytes: this.#bytes });
    }
  }

  async #copyFile(entry: ManifestEntry): Promise<void> {
    // Both are opened in this tick, before anybody else moves the handles on.
    const from = openForReading(this.#from.at(entry.path));
    try {
      const to = createNew(this.#to.at(entry.path));
      try {
        await fillFile(from, to, { size: entry.size, metadata: entry, signal: this.#options.signal });
      } finally {
        closeSync(to);
      }
    } finally {
      closeSync(from);
    }
  }

  #copyHardLink(path: Buffer, first: Buffer): void {
    this.#options.beforeEffect();
    // Two paths in one tree share the handles: the one that was opened first may be closed by the second.
    const other = new DirTree(this.#partial);
    try {
      linkSync(other.at(first), this.#to.at(path));
    } finally {
      other.close();
    }
  }

  #settleFolder(entry: ManifestEntry): void {
    this.#options.beforeEffect();
    this.#to.sync(entry.path);
    setHeld(this.#to.folder(entry.path), entry);
  }

  #leaveOut(entry: ManifestEntry): void {
    if (this.notCopied.length < 20) this.notCopied.push(`${showPath(entry.path)} (${entry.type})`);
  }
}

/** A name beside the destination that no other attempt uses; what killed attempts left there is removed. */
function freshPartial(destination: string): string {
  const folder = dirname(destination);
  ensureDir(folder);
  const prefix = `.partial-${basename(destination)}-`;
  for (const name of readdirSync(folder)) {
    // `data` must not take the leftovers of `data-2` for its own: that copy may be at work.
    const isOurs = name.startsWith(prefix) && /^\d+-\d+(\.manifest)?$/.test(name.slice(prefix.length));
    if (isOurs) rmSync(join(folder, name), { recursive: true, force: true });
  }
  return join(folder, `${prefix}${process.pid}-${Math.floor(performance.now() * 1000)}`);
}

async function firstWhere(manifest: string, matters: (entry: ManifestEntry) => boolean): Promise<string> {
  for await (const entry of readManifest(manifest)) {
    if (matters(entry)) return `${showPath(entry.path)} (${entry.unreadable ?? 'unknown'})`;
  }
  return 'none';
}

function pick(progress: { readonly entries: number; readonly bytes: number }) {
  return { entries: progress.entries, bytes: progress.bytes };
}

function refusal(reason: Refused['reason'], path: string, why: string, remedy: string): Refused {
  return new Refused({ reason, path, why, remedy });
}
