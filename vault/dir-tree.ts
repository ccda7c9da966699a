import { closeSync, constants, fsyncSync, mkdirSync, openSync } from 'node:fs';
import { syncDir } from './durable-file.ts';
import { errorCode } from './errors.ts';
import { componentsOf, splitPath } from './path-text.ts';

/**
 * Reaches the files of a tree without ever following a symlink below its root. Node has no openat(2); on Linux
 * `/proc/self/fd/<folder>/<name>` is the same thing: each component is opened with O_NOFOLLOW and held, so a link that
 * is swapped in meanwhile makes the open fail instead of leading outside (facts: lstat-then-write loses that race).
 * On systems without /proc paths are joined as text, which is weaker; `doctor` says so.
 */
export const beneathSupported = process.platform === 'linux';

const dirFlags = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW;

interface Held {
  readonly name: Buffer;
  readonly fd: number;
  readonly plain: Buffer;
}

/** Handles on the folders from the root to the one used last: a walk in canonical order opens each folder once. */
export class DirTree {
  readonly root: string;
  readonly #chain: Held[];

  /** @throws ENOTDIR or ELOOP when the root itself is no folder; ENOENT when there is none */
  constructor(root: string) {
    this.root = root;
    this.#chain = [{ name: Buffer.alloc(0), fd: openSync(root, dirFlags), plain: Buffer.from(root) }];
  }

  /**
   * A path to hand to one synchronous call at once. The last component is not looked at: use calls that do not follow
   * it (lstat, rename, link, unlink, lchown, lutimes, open with O_NOFOLLOW).
   */
  at(path: Buffer): Buffer {
    if (path.length === 0) return this.folder(path);
    const { folder, name } = splitPath(path);
    return Buffer.concat([this.folder(folder), Buffer.from('/'), name]);
  }

  /** Like {@link at} for a folder itself: every component is opened without following links. */
  folder(path: Buffer): Buffer {
    const held = this.#hold(path);
    return beneathSupported ? Buffer.from(`/proc/self/fd/${held.fd}`) : held.plain;
  }

  /** Makes missing folders (0700; their final mode comes later), each durable in its parent only after {@link sync}. */
  makeFolders(path: Buffer): void {
    let done: Buffer = Buffer.alloc(0);
    for (const name of componentsOf(path)) {
      const here: Buffer = done.length === 0 ? name : Buffer.concat([done, Buffer.from('/'), name]);
      try {
        mkdirSync(this.at(here), { mode: 0o700 });
        this.sync(done);
      } catch (error) {
        if (errorCode(error) !== 'EEXIST') throw error;
      }
      done = here;
    }
  }

  /** fsync of a folder: the names in it survive a power cut. */
  sync(path: Buffer): void {
    const held = this.#hold(path);
    try {
      fsyncSync(held.fd);
    } catch (error) {
      if (errorCode(error) !== 'EINVAL') throw error;
      syncDir(held.plain);
    }
  }

  close(): void {
    for (const held of this.#chain.splice(0)) closeSync(held.fd);
  }

  #hold(path: Buffer): Held {
    const names = componentsOf(path);
    let depth = 0;
    while (depth < names.length && this.#chain[depth + 1]?.name.equals(names[depth] ?? Buffer.alloc(0))) depth += 1;
    for (const held of this.#chain.splice(depth + 1)) closeSync(held.fd);
    for (const name of names.slice(depth)) this.#chain.push(this.#open(name));
    const last = this.#chain.at(-1);
    if (last === undefined) throw new TypeError('A closed DirTree was used.');
    return last;
  }

  #open(name: Buffer): Held {
    if (name.equals(Buffer.from('..')) || name.equals(Buffer.from('.')) || name.length === 0) {
      throw new TypeError(`A path with the component "${name.toString()}" was refused.`);
    }
    const parent = this.#chain.at(-1);
    if (parent === undefined) throw new TypeError('A closed DirTree was used.');
    const plain = Buffer.concat([parent.plain, Buffer.from('/'), name]);
    const path = beneathSupported ? Buffer.concat([Buffer.from(`/proc/self/fd/${parent.fd}/`), name]) : plain;
    return { name: Buffer.from(name), fd: openSync(path, dirFlags), plain };
  }
}

/** Whether an error says that a name is not there, or that something else than a folder is in the way. */
export function isAbsent(error: unknown): boolean {
  const code = errorCode(error);
  return code === 'ENOENT' || code === 'ENOTDIR' || code === 'ELOOP';
}
