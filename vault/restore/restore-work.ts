import { randomBytes } from 'node:crypto';
import { linkSync, lstatSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { DirTree } from '../dir-tree.ts';
import { ensureDir, nameExists, syncDir } from '../durable-file.ts';
import { errorCode, Refused } from '../errors.ts';
import { type Difference, mergeManifests } from '../manifest/compare.ts';
import { isRestorable } from '../manifest/entry.ts';
import type { ManifestSummary } from '../manifest/write.ts';
import { writeManifest } from '../manifest/write.ts';
import { showPath } from '../path-text.ts';
import { AsideArea } from './aside-area.ts';
import { type RestoreTreeRequest, sqliteCompanions } from './restore-types.ts';

/** What a restore does about a difference. `leave` is told, not hidden. */
export type Action = 'put' | 'make-folder' | 'relink' | 'set-metadata' | 'move-away' | 'leave';

/** A difference with what to do about it and its number: the same in every pass, for both manifests lie on disk. */
export interface Todo {
  readonly number: number;
  readonly action: Action;
  readonly difference: Difference;
}

/** Default place for staged and kept files: beside the target, so on its filesystem unless the target is a mount. */
export function asideDirFor(target: string, rollbackId: string): string {
  return join(dirname(target), `.durable-rollback-${rollbackId}`, basename(target));
}

/** Folders and handles of one attempt to restore one target. */
export class RestoreWork {
  readonly request: RestoreTreeRequest;
  readonly target: DirTree;
  readonly aside: AsideArea;
  readonly asideDir: string;
  readonly stageDir: string;
  readonly beforeManifest: string;
  readonly exceptions: string[] = [];
  readonly hadEarlierAttempt: boolean;
  /** Folders of the target in which names changed, as latin1: to be synced and given their times back. */
  readonly touched = new Set<string>();
  readonly #attemptDir: string;
  readonly #nowManifest: string;
  readonly #companions: readonly Buffer[];

  constructor(request: RestoreTreeRequest) {
    this.request = request;
    this.asideDir = request.asideDir ?? asideDirFor(request.target, request.rollbackId);
    this.#companions = (request.companions ?? sqliteCompanions).map((ending) => Buffer.from(ending));
    request.beforeEffect();
    openTarget(request);
    this.hadEarlierAttempt = nameExists(this.asideDir);
    ensureDir(this.asideDir, 0o700);
    refuseOtherFilesystem(request.target, this.asideDir);
    removeOlderAttempts(this.asideDir);
    // Two attempts never stage under one name: what a zombie writes cannot get into a successor's files.
    this.#attemptDir = join(this.asideDir, `attempt-${process.pid}-${randomBytes(4).toString('hex')}`);
    this.stageDir = join(this.#attemptDir, 'stage');
    mkdirSync(this.#attemptDir, { mode: 0o700 });
    this.#nowManifest = join(this.#attemptDir, 'now.jsonl');
    this.beforeManifest = join(this.asideDir, 'before.jsonl');
    this.target = new DirTree(request.target);
    try {
      mkdirSync(this.stageDir, { mode: 0o700 });
      this.aside = new AsideArea(this.asideDir, this.target);
    } catch (error) {
      // Nobody holds this object yet, so nobody will close it.
      this.target.close();
      rmSync(this.#attemptDir, { recursive: true, force: true });
      throw error;
    }
  }

  /** Records the target as it is now; the first attempt's record is kept as the state before the restore. */
  async look(phase: 'look' | 'verify'): Promise<ManifestSummary> {
    const { signal, onProgress } = this.request;
    const summary = await writeManifest(this.request.target, this.#nowManifest, {
      signal,
      exclude: this.exclude,
      onProgress: ({ entries, bytes }) => onProgress?.({ phase, entries, bytes }),
    });
    if (phase === 'look') this.#keepFirst();
    return summary;
  }

  get nowManifest(): string {
    return this.#nowManifest;
  }

  /** What lies in the target but is ours is not seen. */
  get exclude(): readonly string[] {
    const inside = relative(this.request.target, this.asideDir);
    const own =
      inside === '' || inside.startsWith('..') ? [] : [inside.split('/')[0] ?? inside].map((name) => `/${name}`);
    return [...(this.request.exclude ?? []), ...own];
  }

  /** All there is to do, in canonical order. */
  async *todos(): AsyncGenerator<Todo> {
    let number = 0;
    // Files of the checkpoint whose name the present one begins with: bytewise order puts them right before it.
    const bases: Buffer[] = [];
    for await (const { path, a, difference } of mergeManifests(this.request.manifest, this.#nowManifest)) {
      this.request.signal?.throwIfAborted();
      while (bases.length > 0 && !startsWith(path, bases.at(-1))) bases.pop();
      if (difference !== undefined) {
        number += 1;
        yield { number, action: this.#actionOn(difference, bases), difference };
      }
      if (a?.type === 'file') bases.push(path);
    }
  }

  stagedName(todo: Todo): string {
    return join(this.stageDir, String(todo.number));
  }

  isStaged(todo: Todo): boolean {
    return lstatSync(this.stagedName(todo), { throwIfNoEntry: false }) !== undefined;
  }

  except(text: string): void {
    if (this.exceptions.length < 20) this.exceptions.push(text);
  }

  close(): void {
    this.aside.close();
    this.target.close();
    // Only copies of ours lie here; what was kept lies in `kept`.
    rmSync(this.#attemptDir, { recursive: true, force: true });
  }

  #actionOn(difference: Difference, bases: readonly Buffer[]): Action {
    const { kind, a, fields } = difference;
    if (kind === 'extra' || a === undefined) {
      const away = this.request.mode === 'whole' || this.#isCompanion(difference.path, bases);
      return away ? 'move-away' : 'leave';
    }
    if (!isRestorable(a.type)) return 'leave';
    if (a.type === 'dir') return kind === 'metadata' ? 'set-metadata' : 'make-folder';
    if (a.sameAs !== undefined) return 'relink';
    const needsNewInode = fields.includes('hardlink') || fields.includes('xattrs');
    return kind === 'metadata' && !needsNewInode ? 'set-metadata' : 'put';
  }

  /** A journal left beside a file of the checkpoint belongs to that file's later state. */
  #isCompanion(path: Buffer, bases: readonly Buffer[]): boolean {
    return bases.some((base) => this.#companions.some((ending) => path.equals(Buffer.concat([base, ending]))));
  }

  #keepFirst(): void {
    try {
      linkSync(this.#nowManifest, this.beforeManifest);
      syncDir(this.asideDir);
    } catch (error) {
      if (errorCode(error) !== 'EEXIST') throw error;
    }
  }
}

/** @throws Refused when something must not be restored here; nothing was touched then */
export async function refuseImpossible(work: RestoreWork): Promise<{ bytes: number; todo: number }> {
  let bytes = 0;
  let todo = 0;
  for await (const { action, difference } of work.todos()) {
    const { a, b, kind } = difference;
    if (action === 'leave') {
      if (kind !== 'extra')
        work.except(`${showPath(difference.path)}: a ${a?.type ?? 'thing'} cannot be put back from a copy`);
      continue;
    }
    todo += 1;
    if (b?.type === 'mount') {
      const why = `${showPath(difference.path)} is a mount point`;
      throw new Refused({
        reason: 'mount-inside',
        path: work.request.target,
        why,
        remedy: 'Unmount it, or make it a data root of its own.',
      });
    }
    if (b?.type === 'dir' && b.unreadable !== undefined) {
      const why = `the folder ${showPath(difference.path)} cannot be read (${b.unreadable})`;
      const remedy = 'Run as an account that can read it.';
      throw new Refused({ reason: 'unreadable', path: work.request.target, why, remedy });
    }
    if (action === 'put') bytes += a?.size ?? 0;
  }
  return { bytes, todo };
}

function startsWith(path: Buffer, base: Buffer | undefined): boolean {
  return base !== undefined && path.subarray(0, base.length).equals(base);
}

function openTarget({ target, createTarget }: RestoreTreeRequest): void {
  const stat = lstatSync(target, { throwIfNoEntry: false });
  if (stat === undefined && createTarget === true) {
    mkdirSync(target, { mode: 0o700 });
    syncDir(dirname(target));
    return;
  }
  if (stat?.isDirectory() === true) return;
  const why = stat === undefined ? 'it is absent' : 'it is no folder (a link is not followed)';
  const remedy = 'Mount its disk, give its real path, or allow it to be made.';
  throw new Refused({ reason: 'not-a-folder', path: target, why, remedy });
}

function refuseOtherFilesystem(target: string, asideDir: string): void {
  if (lstatSync(target).dev === lstatSync(asideDir).dev) return;
  const why = `${asideDir} lies on another filesystem, so nothing can be moved there by a rename`;
  const remedy = 'Give a folder for moved-aside files on the filesystem of the target.';
  throw new Refused({ reason: 'other-filesystem', path: target, why, remedy });
}

function removeOlderAttempts(asideDir: string): void {
  for (const name of readdirSync(asideDir)) {
    if (name.startsWith('attempt-')) rmSync(join(asideDir, name), { recursive: true, force: true });
  }
}
