import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { promisify } from 'node:util';

/**
 * Import this first: what the vault leaves to Node's thread pool then happens on the one thread of the program, in the
 * order of the code. `strace -e inject=…:when=N` counts by thread, so only then is "the N-th call" one certain call.
 */
function onThisThread<A extends unknown[], R>(work: (...args: A) => R, resultsOf: (result: R, args: A) => unknown[]) {
  return (...all: unknown[]): void => {
    const callback = all.pop() as (...results: unknown[]) => void;
    const args = all as A;
    try {
      const results = resultsOf(work(...args), args);
      process.nextTick(callback, null, ...results);
    } catch (error) {
      process.nextTick(callback, error);
    }
  };
}

/**
 * In two parts, so that these are calls by the names of `readv` and `writev`: Node itself reads and writes its pipes by
 * the plain names, now once more and now once less, and a fault that meets such a pipe only makes it hang.
 */
const read = onThisThread(
  (fd: number, buffer: Buffer, offset: number, length: number, position: number | null) =>
    fs.readvSync(
      fd,
      [buffer.subarray(offset, offset + 1), buffer.subarray(offset + 1, offset + length)],
      position ?? undefined,
    ),
  (bytesRead, [, buffer]) => [bytesRead, buffer],
);

const plainWrite = fs.writeSync;
function writeSync(...args: readonly unknown[]): number {
  const [fd, data, offset = 0, length, position] = args as [number, Uint8Array | string, number?, number?, number?];
  if (typeof position === 'number') return plainWrite(fd, data as Uint8Array, offset, length, position);
  const bytes = typeof data === 'string' ? Buffer.from(data) : data;
  const part = bytes.subarray(offset, length === undefined ? undefined : offset + length);
  return fs.writevSync(fd, [part.subarray(0, 1), part.subarray(1)]);
}

/** As Node's own: promisify() gives count and buffer. */
const readInOne = (...args: unknown[]) =>
  new Promise((resolve, reject) => {
    read(...args, (error: unknown, bytesRead: number, buffer: Buffer) =>
      error === null ? resolve({ bytesRead, buffer }) : reject(error),
    );
  });
Object.defineProperty(read, promisify.custom, { value: readInOne });

const fsync = onThisThread(fs.fsyncSync, () => []);
const copyFile = onThisThread(fs.copyFileSync, () => []);
Object.assign(fs, { read, writeSync, fsync, copyFile });
syncBuiltinESMExports();
