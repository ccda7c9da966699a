import { renameSync, rmdirSync } from 'node:fs';
import { DirTree, isAbsent } from '../dir-tree.ts';
import { errorCode, type PathProblem } from '../errors.ts';
import type { ManifestEntry } from '../manifest/entry.ts';
import { comparePaths, isInside, showPath, splitPath } from '../path-text.ts';
import { placeSymlink } from '../place-entry.ts';
import { AsideArea, firstKept } from '../restore/aside-area.ts';
import { restoreFile } from '../restore-file.ts';
import type { ChangedPath } from './changed-paths.ts';
import { type CopiedPaths, differs, entriesOf, existsIn, isEntry, keyOf, statOf } from './path-state.ts';

export interface ReturnPathsRequest {
  /** Real path of the folder that must not be left. */
  readonly root: string;
  readonly changes: readonly ChangedPath[];
  /** Where the rollback moved aside what stood there: the very things go back. */
  readonly rollbackAside: string;
  /** Verified copies of the files and links, for what is not there any more or was changed there. */
  readonly copy: CopiedPaths | null;
  /** Where goes what is there now; on the filesystem of `root`. */
  readonly asideDir: string;
  readonly signal?: AbortSignal | undefined;
  readonly beforeEffect: () => void;
}

export interface ReturnedPaths {
  /** Put back by this run. */
  readonly returned: number;
  /** Moved aside because nothing stood there before. */
  readonly movedAway: number;
  /** As before already. */
  readonly unchanged: number;
  /** Kept nowhere; these are not as before. The first twenty. */
  readonly problems: readonly PathProblem[];
}

/**
 * Brings single paths of a tree back to what they were before a rollback changed them; all others are left alone. What
 * is there now is moved aside, never deleted. Killed at any point, a second run finishes it.
 */
export async function returnPaths(request: ReturnPathsRequest): Promise<ReturnedPaths> {
  const work = new Returning(request, await entriesOf(request.copy));
  const changes = [...request.changes].sort((a, b) => comparePaths(a.path, b.path));
  try {
    // Deepest first, so that folders are empty before their turn.
    for (const change of changes.filter(({ was }) => was === 'absent').reverse()) work.takeAway(change);
    for (const change of changes.filter(({ was }) => was !== 'absent')) await work.bringBack(change);
    return work.counts();
  } finally {
    work.close();
  }
}

class Returning {
  readonly #request: ReturnPathsRequest;
  readonly #entries: ReadonlyMap<string, ManifestEntry>;
  readonly #kept: ReadonlyMap<string, string>;
  readonly #tree: DirTree;
  readonly #aside: AsideArea;
  readonly #problems: PathProblem[] = [];
  #returned = 0;
  #movedAway = 0;
  #unchanged = 0;

  constructor(request: ReturnPathsRequest, entries: ReadonlyMap<string, ManifestEntry>) {
    this.#request = request;
    this.#entries = entries;
    this.#kept = firstKept(request.rollbackAside);
    this.#tree = new DirTree(request.root);
    request.beforeEffect();
    this.#aside = new AsideArea(request.asideDir, this.#tree);
  }

  takeAway({ path, firstMissing }: ChangedPath): void {
    if (statOf(this.#tree, path) === undefined) this.#unchanged += 1;
    else {
      this.#moveAside(path, 'it was not there before the rollback');
      this.#movedAway += 1;
    }
    if (firstMissing !== undefined) this.#removeEmpty(path, firstMissing);
  }

  async bringBack({ path, was }: ChangedPath): Promise<void> {
    this.#request.signal?.throwIfAborted();
    const entry = this.#entries.get(keyOf(path));
    const kept = this.#kept.get(keyOf(path));
    const job = { path, was, entry, kept };
    if ((await differs(this.#tree, job)) === null) {
      this.#unchanged += 1;
      return;
    }
    if (kept !== undefined && (await this.#isOriginal(kept, path, entry))) this.#moveBack(kept, path);
    else if (entry?.type === 'file') await this.#copyFile(path, entry);
    else if (entry?.link !== undefined) this.#makeLink(path, entry, entry.link);
    else {
      if (this.#problems.length < 20) this.#problems.push({ path: showPath(path), reason: 'it was kept nowhere' });
      return;
    }
    this.#returned += 1;
  }

  counts(): ReturnedPaths {
    return {
      returned: this.#returned,
      movedAway: this.#movedAway,
      unchanged: this.#unchanged,
      problems: this.#problems,
    };
  }

  close(): void {
    this.#aside.close();
    this.#tree.close();
  }

  async #isOriginal(kept: string, path: Buffer, entry: ManifestEntry | undefined): Promise<boolean> {
    if (!existsIn(kept, path)) return false;
    if (entry === undefined) return true;
    const tree = new DirTree(kept);
    try {
      return await isEntry(tree, path, entry);
    } finally {
      tree.close();
    }
  }

  /** The very thing, with its times, owner and other names. */
  #moveBack(kept: string, path: Buffer): void {
    this.#clear(path);
    const from = new DirTree(kept);
    try {
      this.#request.beforeEffect();
      this.#tree.makeFolders(splitPath(path).folder);
      renameSync(from.at(path), this.#tree.at(path));
      this.#tree.sync(splitPath(path).folder);
      from.sync(splitPath(path).folder);
    } finally {
      from.close();
    }
  }

  async #copyFile(path: Buffer, entry: ManifestEntry): Promise<void> {
    const { copy, root, asideDir, signal, beforeEffect } = this.#request;
    if (statOf(this.#tree, path)?.isFile() !== true) this.#clear(path);
    await restoreFile({
      source: Buffer.concat([Buffer.from(`${copy?.dir ?? ''}/`), path]),
      expectedSha256: entry.sha256 ?? '',
      root,
      path,
      asideDir,
      metadata: entry,
      allowEmpty: true,
      companions: [],
      signal,
      beforeEffect,
    });
  }

  #makeLink(path: Buffer, entry: ManifestEntry, link: Buffer): void {
    this.#clear(path);
    this.#request.beforeEffect();
    this.#tree.makeFolders(splitPath(path).folder);
    placeSymlink(this.#tree.at(path), link, entry);
    this.#tree.sync(splitPath(path).folder);
  }

  #clear(path: Buffer): void {
    if (statOf(this.#tree, path) !== undefined) this.#moveAside(path, 'replaced by what was there before the rollback');
  }

  #moveAside(path: Buffer, why: string): void {
    const bytes = statOf(this.#tree, path)?.size ?? 0;
    this.#request.beforeEffect();
    this.#aside.keep({ path, why, bytes, how: 'move' });
    this.#aside.sync();
    this.#tree.sync(splitPath(path).folder);
  }

  /** Folders that the rollback made for a file of the checkpoint; one that holds something else by now stays. */
  #removeEmpty(path: Buffer, firstMissing: Buffer): void {
    for (let { folder } = splitPath(path); isWithin(firstMissing, folder); { folder } = splitPath(folder)) {
      if (statOf(this.#tree, folder) === undefined) continue;
      try {
        this.#request.beforeEffect();
        rmdirSync(this.#tree.at(folder));
        this.#tree.sync(splitPath(folder).folder);
      } catch (error) {
        const code = errorCode(error);
        if (code === 'ENOTEMPTY' || code === 'EEXIST') return;
        if (!isAbsent(error)) throw error;
      }
    }
  }
}

function isWithin(top: Buffer, folder: Buffer): boolean {
  return folder.length > 0 && (folder.equals(top) || isInside(top, folder));
}
