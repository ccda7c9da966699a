import { readdirSync, renameSync, rmSync, statfsSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { ensureDir, nameExists, syncDir } from './durable-file.ts';
import { type PathProblem, Refused, SourceRefused, VerifyFailed } from './errors.ts';
import { type CompareSummary, compareManifests, compareSummary, type Difference } from './manifest/compare.ts';
import { isRestorable, type ManifestEntry } from './manifest/entry.ts';
import { checkManifest, readManifest } from './manifest/read.ts';
import { type ManifestSummary, writeManifest } from './manifest/write.ts';
import { showPath } from './path-text.ts';
import { bytesToCopy, type EarlierCopy } from './share-unchanged.ts';
import { TreeCopier } from './tree-copier.ts';

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
  /** An earlier copy, on the same filesystem, that lends what is unchanged since (see `share-unchanged.ts`). */
  readonly share?: EarlierCopy | undefined;
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
  /** Files that the earlier copy lends, and their bytes: they take no space of their own. */
  readonly shared: { readonly files: number; readonly bytes: number };
  /** What the earlier copy lent was not what it had recorded: nothing is shared, all was copied. */
  readonly earlierDamaged: boolean;
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
  const { share } = options;
  checkSpace(dirname(destination), share === undefined ? manifest.bytes : await bytesToCopy(manifest.path, share));
  try {
    const made = await makePartial({ source, partial, manifest }, options);
    options.beforeEffect();
    renameSync(partial, destination);
    syncDir(dirname(destination));
    return { manifest, metadataLost: made.verified.metadataOnly, ...made };
  } catch (error) {
    throw discarded(partial, error);
  }
}

interface Copying {
  readonly source: string;
  readonly partial: string;
  readonly manifest: ManifestSummary;
}

type Made = Pick<CopyResult, 'verified' | 'notCopied' | 'shared' | 'earlierDamaged'>;

/** What an earlier copy lends is read again like everything else; where it is damaged, all is copied anew. */
async function makePartial(copy: Copying, options: CopyOptions): Promise<Made> {
  const filled = await fillPartial(copy, options);
  try {
    const verified = await verifyCopy(copy.partial, copy.manifest, options);
    return { ...filled, verified, earlierDamaged: false };
  } catch (error) {
    if (!(error instanceof VerifyFailed) || filled.shared.files === 0) throw error;
    options.beforeEffect();
    rmSync(copy.partial, { recursive: true });
    return { ...(await makePartial(copy, { ...options, share: undefined })), earlierDamaged: true };
  }
}

async function fillPartial(copy: Copying, options: CopyOptions): Promise<Pick<Made, 'notCopied' | 'shared'>> {
  const copier = new TreeCopier(copy.source, copy.partial, options);
  try {
    await copier.copyAll(copy.manifest);
    return { notCopied: copier.notCopied, shared: copier.shared };
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
