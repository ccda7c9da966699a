import { closeSync, linkSync } from 'node:fs';
import { inOrder } from './bounded.ts';
import type { CopyOptions } from './copy-tree.ts';
import { DirTree } from './dir-tree.ts';
import { ensureDir } from './durable-file.ts';
import { openForReading } from './hash-file.ts';
import { isRestorable, type ManifestEntry } from './manifest/entry.ts';
import { readManifest } from './manifest/read.ts';
import type { ManifestSummary } from './manifest/write.ts';
import { showPath } from './path-text.ts';
import { createNew, fillFile, placeSymlink, setHeld } from './place-entry.ts';
import { linkUnchanged, openEarlier, withUnchanged } from './share-unchanged.ts';
import { applyXattrs } from './xattrs.ts';

/** Fills a folder of ours with what a manifest says of a source. What it makes is proven by whoever calls it. */
export class TreeCopier {
  readonly notCopied: string[] = [];
  readonly shared = { files: 0, bytes: 0 };
  readonly #options: CopyOptions;
  readonly #from: DirTree;
  readonly #to: DirTree;
  readonly #earlier: DirTree | undefined;
  readonly #partial: string;
  #entries = 0;
  #bytes = 0;

  constructor(source: string, partial: string, options: CopyOptions) {
    this.#options = options;
    this.#partial = partial;
    ensureDir(partial, 0o700);
    this.#from = new DirTree(source);
    this.#to = new DirTree(partial);
    this.#earlier = openEarlier(options.share);
  }

  /** Files and links first, then hard links, then what a change inside would spoil: times and modes of folders. */
  async copyAll(manifest: ManifestSummary): Promise<void> {
    const entries = withUnchanged(manifest.path, this.#earlier === undefined ? undefined : this.#options.share);
    for await (const _ of inOrder(entries, 8, ({ entry, unchanged }) => this.#copyEntry(entry, unchanged)));
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
    this.#earlier?.close();
  }

  async #copyEntry(entry: ManifestEntry, unchanged: boolean): Promise<void> {
    this.#options.signal?.throwIfAborted();
    this.#options.beforeEffect();
    if (entry.type === 'dir') this.#to.makeFolders(entry.path);
    else if (!isRestorable(entry.type)) this.#leaveOut(entry);
    else if (entry.sameAs === undefined && entry.link !== undefined) {
      placeSymlink(this.#to.at(entry.path), entry.link, entry);
    } else if (entry.sameAs === undefined && !(unchanged && this.#share(entry))) await this.#copyFile(entry);
    this.#entries += 1;
    this.#bytes += entry.size;
    if (this.#entries % 256 === 0) {
      this.#options.onProgress?.({ phase: 'copy', entries: this.#entries, bytes: this.#bytes });
    }
  }

  #share(entry: ManifestEntry): boolean {
    if (this.#earlier === undefined || !linkUnchanged(this.#earlier, this.#to, entry)) return false;
    this.shared.files += 1;
    this.shared.bytes += entry.size;
    return true;
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
