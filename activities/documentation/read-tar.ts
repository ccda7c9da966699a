import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import type { ArchiveEntry } from './archive-inputs.ts';

const block = 512;

/**
 * Reads a `.tar.gz` from end to end and hashes what is in it; memory stays the same whatever its size.
 * Understands what GNU tar writes with `--format=posix`: ustar headers and pax records.
 * @throws Error when it is cut off or no tar at all
 */
export async function readTar(file: string, signal: AbortSignal): Promise<readonly ArchiveEntry[]> {
  const reader = new TarReader();
  await pipeline(
    createReadStream(file),
    createGunzip(),
    async (chunks: AsyncIterable<Buffer>) => {
      for await (const chunk of chunks) reader.feed(chunk);
    },
    { signal },
  );
  return reader.finish();
}

interface Current {
  readonly path: string;
  readonly flag: string;
  readonly size: number;
  readonly link: string;
  readonly hash: ReturnType<typeof createHash>;
  readonly meta: Buffer[];
  left: number;
  padding: number;
}

class TarReader {
  readonly #entries: ArchiveEntry[] = [];
  #pending: Buffer = Buffer.alloc(0);
  #current: Current | undefined;
  #pax = new Map<string, string>();
  #ended = false;

  feed(chunk: Buffer): void {
    this.#pending = this.#pending.length === 0 ? chunk : Buffer.concat([this.#pending, chunk]);
    while (this.#step());
  }

  finish(): readonly ArchiveEntry[] {
    if (!this.#ended || this.#current !== undefined) throw new Error('the archive is cut off');
    return this.#entries;
  }

  /** @returns whether there was enough to go on */
  #step(): boolean {
    const current = this.#current;
    if (current !== undefined) return this.#content(current);
    if (this.#pending.length < block) return false;
    const header = this.#take(block);
    if (header.every((byte) => byte === 0)) this.#ended = true;
    else this.#header(header);
    return true;
  }

  #content(current: Current): boolean {
    if (current.left > 0) {
      if (this.#pending.length === 0) return false;
      const part = this.#take(Math.min(current.left, this.#pending.length));
      current.left -= part.length;
      if (current.flag === 'x') current.meta.push(part);
      else current.hash.update(part);
      return true;
    }
    if (this.#pending.length < current.padding) return false;
    this.#take(current.padding);
    this.#close(current);
    this.#current = undefined;
    return true;
  }

  #header(header: Buffer): void {
    if (header.toString('latin1', 257, 262) !== 'ustar') throw new Error('a header is not that of a tar');
    const flag = String.fromCharCode(header[156] ?? 0);
    const prefix = textOf(header, 345, 155);
    const name = textOf(header, 0, 100);
    const pax = flag === 'x' ? new Map<string, string>() : this.#pax;
    const size = Number(pax.get('size') ?? Number.parseInt(textOf(header, 124, 12).trim() || '0', 8));
    const path = pax.get('path') ?? (prefix === '' ? name : `${prefix}/${name}`);
    const link = pax.get('linkpath') ?? textOf(header, 157, 100);
    const padding = (block - (size % block)) % block;
    this.#current = { path, flag, size, link, hash: createHash('sha256'), meta: [], left: size, padding };
  }

  #close({ path, flag, size, link, hash, meta }: Current): void {
    if (flag === 'x') {
      this.#pax = paxRecords(Buffer.concat(meta));
      return;
    }
    this.#pax = new Map();
    if (flag === '5')
      this.#entries.push({ path: path.replace(/\/$/, ''), type: 'dir', bytes: 0, sha256: null, link: null });
    else if (flag === '2') this.#entries.push({ path, type: 'symlink', bytes: 0, sha256: null, link });
    else if (flag === '0' || flag === '\0')
      this.#entries.push({ path, type: 'file', bytes: size, sha256: hash.digest('hex'), link: null });
    else throw new Error(`${path} is of the kind "${flag}", which was not put in`);
  }

  #take(bytes: number): Buffer {
    const taken = this.#pending.subarray(0, bytes);
    this.#pending = this.#pending.subarray(bytes);
    return taken;
  }
}

function textOf(header: Buffer, start: number, length: number): string {
  const field = header.subarray(start, start + length);
  const end = field.indexOf(0);
  return field.toString('utf8', 0, end === -1 ? length : end);
}

/** `<length> <key>=<value>\n`, the length in bytes and counting itself. */
function paxRecords(bytes: Buffer): Map<string, string> {
  const records = new Map<string, string>();
  for (let at = 0; at < bytes.length; ) {
    const space = bytes.indexOf(32, at);
    const length = Number(bytes.toString('latin1', at, space));
    if (space === -1 || !Number.isSafeInteger(length) || length <= 0) throw new Error('a pax record cannot be read');
    const record = bytes.toString('utf8', space + 1, at + length - 1);
    const equals = record.indexOf('=');
    records.set(record.slice(0, equals), record.slice(equals + 1));
    at += length;
  }
  return records;
}
