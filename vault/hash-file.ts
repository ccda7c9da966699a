import { createHash } from 'node:crypto';
import { closeSync, constants, fstatSync, openSync, read, readSync } from 'node:fs';
import { promisify } from 'node:util';

const readAsync = promisify(read);
const chunkBytes = 1024 * 1024;
/** Below this a file is read in one call on this thread: cheaper than a trip through the thread pool. */
const smallBytes = 128 * 1024;

export interface HashedFile {
  readonly sha256: string;
  readonly bytes: number;
  /** Size or time changed while it was read: the hash is of no state that ever was. */
  readonly changed: boolean;
}

/** Opens a file for reading without following a link and without hanging on a FIFO that was swapped in. */
export function openForReading(path: string | Buffer): number {
  return openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
}

/** SHA-256 of a file by descriptor; the descriptor stays open. */
export async function hashDescriptor(fd: number, signal?: AbortSignal): Promise<HashedFile> {
  const before = fstatSync(fd, { bigint: true });
  const hash = createHash('sha256');
  const bytes = before.size <= smallBytes ? hashSmall(fd, hash) : await hashLarge(fd, hash, signal);
  const after = fstatSync(fd, { bigint: true });
  const changed = after.size !== before.size || after.mtimeNs !== before.mtimeNs || BigInt(bytes) !== after.size;
  return { sha256: hash.digest('hex'), bytes, changed };
}

/** SHA-256 of a file by path; a symlink is refused with ELOOP. */
export async function hashFile(path: string | Buffer, signal?: AbortSignal): Promise<HashedFile> {
  const fd = openForReading(path);
  try {
    return await hashDescriptor(fd, signal);
  } finally {
    closeSync(fd);
  }
}

type Hash = ReturnType<typeof createHash>;

function hashSmall(fd: number, hash: Hash): number {
  const buffer = Buffer.allocUnsafe(smallBytes);
  let total = 0;
  for (let count = readSync(fd, buffer, 0, buffer.length, 0); count > 0; ) {
    hash.update(buffer.subarray(0, count));
    total += count;
    count = readSync(fd, buffer, 0, buffer.length, total);
  }
  return total;
}

async function hashLarge(fd: number, hash: Hash, signal: AbortSignal | undefined): Promise<number> {
  const buffer = Buffer.allocUnsafe(chunkBytes);
  let total = 0;
  for (;;) {
    signal?.throwIfAborted();
    const { bytesRead } = await readAsync(fd, buffer, 0, buffer.length, total);
    if (bytesRead === 0) return total;
    hash.update(buffer.subarray(0, bytesRead));
    total += bytesRead;
  }
}
