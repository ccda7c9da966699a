import { createHash } from 'node:crypto';
import { closeSync, constants, fsyncSync, openSync, renameSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { ensureDir, evidenceMode, syncDir } from '../../vault/durable-file.ts';
import type { Room } from '../kernel/room.ts';

const flushBytes = 256 * 1024;

/** A file of evidence that is written as it streams in. It has its name only when it is whole and durable. */
export class EvidenceSink {
  readonly path: string;
  readonly #room: Pick<Room, 'beforeEffect'>;
  readonly #fd: number;
  readonly #hash = createHash('sha256');
  #waiting: Buffer[] = [];
  #waitingBytes = 0;
  #bytes = 0;
  #closed = false;

  constructor(room: Pick<Room, 'beforeEffect'>, path: string) {
    this.path = path;
    this.#room = room;
    room.beforeEffect();
    ensureDir(dirname(path));
    const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC | constants.O_NOFOLLOW;
    this.#fd = openSync(this.#part, flags, evidenceMode);
  }

  /** Bytes taken in so far. */
  get bytes(): number {
    return this.#bytes;
  }

  add(bytes: Buffer): void {
    this.#bytes += bytes.length;
    this.#hash.update(bytes);
    // A copy: the stream may use its buffer again.
    this.#waiting.push(Buffer.from(bytes));
    this.#waitingBytes += bytes.length;
    if (this.#waitingBytes >= flushBytes) this.#flush();
  }

  /** Gives the file its name. */
  finish(): { readonly path: string; readonly sha256: string; readonly bytes: number } {
    this.#flush();
    fsyncSync(this.#fd);
    this.close();
    this.#room.beforeEffect();
    renameSync(this.#part, this.path);
    syncDir(dirname(this.path));
    return { path: this.path, sha256: this.#hash.digest('hex'), bytes: this.#bytes };
  }

  /** Without {@link finish} what came so far stays under the name `….part`. */
  close(): void {
    if (!this.#closed) closeSync(this.#fd);
    this.#closed = true;
  }

  get #part(): string {
    return `${this.path}.part`;
  }

  #flush(): void {
    if (this.#waitingBytes === 0) return;
    const all = Buffer.concat(this.#waiting);
    this.#waiting = [];
    this.#waitingBytes = 0;
    this.#room.beforeEffect();
    for (let done = 0; done < all.length; ) done += writeSync(this.#fd, all, done);
  }
}
