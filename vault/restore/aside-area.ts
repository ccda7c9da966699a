import {
  closeSync,
  constants,
  fdatasyncSync,
  fstatSync,
  linkSync,
  lstatSync,
  openSync,
  readFileSync,
  readSync,
  renameSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { DirTree, isAbsent } from '../dir-tree.ts';
import { copyMode, ensureDir, nameExists } from '../durable-file.ts';
import { errorCode } from '../errors.ts';
import { fromJsonPath, jsonPathSchema, showPath, splitPath, toJsonPath } from '../path-text.ts';

/** What was moved aside, for the plan, the report and whoever looks for a file. */
export interface MovedAside {
  readonly count: number;
  readonly bytes: number;
  /** JSON lines: path, why, how, where; also what lay inside a folder that was moved whole. */
  readonly listFile: string;
  /** The first twenty, for people. */
  readonly first: readonly string[];
}

export interface KeepJob {
  readonly path: Buffer;
  readonly why: string;
  readonly bytes: number;
  /** `link`: the old name stays until something is renamed over it, so it is never absent. */
  readonly how: 'link' | 'move';
}

/**
 * The place beside a target where replaced and extra files go: never deleted, never overwritten. A path that is already
 * taken (by an earlier attempt, or a second version) goes to the next generation: `kept`, `kept.2`, …
 */
export class AsideArea {
  readonly dir: string;
  readonly #target: DirTree;
  readonly #list: number;
  readonly #generations: DirTree[] = [];
  readonly #touched = new Map<number, Set<string>>();

  constructor(dir: string, target: DirTree) {
    this.dir = dir;
    this.#target = target;
    // What it protects may have been protected by a folder's mode: nobody else looks in.
    ensureDir(dir, 0o700);
    this.#list = openSync(
      join(dir, 'moved-aside.jsonl'),
      constants.O_RDWR | constants.O_APPEND | constants.O_CREAT,
      copyMode,
    );
    this.#endTornLine();
  }

  /** Keeps the present content of a path. Synchronous: the caller's fence check holds for all of it. */
  keep(job: KeepJob): void {
    for (let generation = 0; ; generation += 1) {
      const done = this.#keepIn(generation, job);
      if (done) return;
    }
  }

  /** Enters in the list what went along inside a folder. */
  note(path: Buffer, bytes: number): void {
    this.#write({ path, why: 'inside a folder that was moved', bytes, how: 'inside', generation: 0 });
  }

  /** Makes all that was kept durable: before anything is renamed over an old name. */
  sync(): void {
    fdatasyncSync(this.#list);
    for (const [generation, folders] of this.#touched) {
      for (const folder of folders) this.#generations[generation]?.sync(Buffer.from(folder, 'latin1'));
    }
    this.#touched.clear();
  }

  close(): void {
    closeSync(this.#list);
    for (const tree of this.#generations.splice(0)) tree.close();
  }

  #keepIn(generation: number, job: KeepJob): boolean {
    const tree = this.#tree(generation);
    const { folder } = splitPath(job.path);
    const from = this.#target.at(job.path);
    let to: Buffer;
    try {
      tree.makeFolders(folder);
      to = tree.at(job.path);
    } catch (error) {
      // A file that was kept under the name of this folder is in the way here.
      if (isAbsent(error)) return false;
      throw error;
    }
    const there = lstatSync(to, { bigint: true, throwIfNoEntry: false });
    if (there !== undefined) {
      const now = lstatSync(from, { bigint: true });
      // A killed attempt had got as far as the link.
      return job.how === 'link' && there.ino === now.ino && there.dev === now.dev;
    }
    this.#write({ ...job, generation });
    if (job.how === 'move' || !tryLink(from, to)) renameSync(from, to);
    const touched = this.#touched.get(generation) ?? new Set();
    this.#touched.set(generation, touched.add(folder.toString('latin1')));
    return true;
  }

  #tree(generation: number): DirTree {
    const known = this.#generations[generation];
    if (known !== undefined) return known;
    const path = generationDir(this.dir, generation);
    ensureDir(path, 0o700);
    const tree = new DirTree(path);
    this.#generations[generation] = tree;
    return tree;
  }

  #write(line: {
    readonly path: Buffer;
    readonly why: string;
    readonly bytes: number;
    readonly how: KeepJob['how'] | 'inside';
    readonly generation: number;
  }): void {
    const { path, why, bytes, how, generation } = line;
    const text = JSON.stringify({ path: toJsonPath(path), shown: showPath(path), why, how, bytes, generation });
    const entry = Buffer.from(`${text}\n`);
    // What is not in the list is not moved: a disk that takes half a line fails here.
    for (let done = 0; done < entry.length; ) done += writeSync(this.#list, entry, done);
  }

  /** A kill may have left half a line: what is entered next must not become part of it. */
  #endTornLine(): void {
    const { size } = fstatSync(this.#list);
    const last = Buffer.alloc(1);
    if (size > 0 && readSync(this.#list, last, 0, 1, size - 1) === 1 && last[0] !== 0x0a) writeSync(this.#list, '\n');
  }
}

/** Sums of the list; a path that two attempts entered counts once. */
export function readMovedAside(dir: string): MovedAside {
  const listFile = join(dir, 'moved-aside.jsonl');
  if (!nameExists(listFile)) return { count: 0, bytes: 0, listFile, first: [] };
  const seen = new Map<string, { readonly bytes: number; readonly shown: string }>();
  for (const text of readFileSync(listFile, 'utf8').split('\n')) {
    const line: unknown = text === '' ? undefined : tornOr(text);
    if (!isListLine(line)) continue;
    seen.set(`${line.generation}\0${JSON.stringify(line.path)}`, { bytes: line.bytes, shown: line.shown });
  }
  const all = [...seen.values()];
  const bytes = all.reduce((sum, line) => sum + line.bytes, 0);
  return { count: all.length, bytes, listFile, first: all.slice(0, 20).map((line) => line.shown) };
}

/** Where the first thing of each path that was kept lies: of what stood there before an attempt, not of its leftovers. */
export function firstKept(dir: string): ReadonlyMap<string, string> {
  const first = new Map<string, string>();
  const listFile = join(dir, 'moved-aside.jsonl');
  if (!nameExists(listFile)) return first;
  for (const text of readFileSync(listFile, 'utf8').split('\n')) {
    const line: unknown = text === '' ? undefined : tornOr(text);
    const path = isListLine(line) ? jsonPathSchema.safeParse(line.path) : undefined;
    if (!isListLine(line) || path?.success !== true) continue;
    const key = fromJsonPath(path.data).toString('latin1');
    if (!first.has(key)) first.set(key, generationDir(dir, line.generation));
  }
  return first;
}

function generationDir(dir: string, generation: number): string {
  return join(dir, generation === 0 ? 'kept' : `kept.${generation + 1}`);
}

/** The last line may be torn by a kill; the file it announced was not moved yet, or is entered again. */
function tornOr(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

interface ListLine {
  readonly path: unknown;
  readonly shown: string;
  readonly bytes: number;
  readonly generation: number;
}

function isListLine(line: unknown): line is ListLine {
  if (typeof line !== 'object' || line === null) return false;
  if (!('shown' in line) || !('bytes' in line) || !('generation' in line) || !('path' in line)) return false;
  return typeof line.shown === 'string' && typeof line.bytes === 'number' && typeof line.generation === 'number';
}

/** @returns false where the filesystem or its protection rules do not allow a hard link */
function tryLink(from: Buffer, to: Buffer): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    const code = errorCode(error);
    if (code === 'EPERM' || code === 'EMLINK' || code === 'ENOTSUP' || code === 'EOPNOTSUPP') return false;
    throw error;
  }
}
