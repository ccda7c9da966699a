import { randomBytes } from 'node:crypto';
import { closeSync, mkdirSync, openSync, rmSync, unlinkSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { errorCode } from '../../vault/errors.ts';

/** A disk that can be filled without harm to anybody. */
export interface SmallDisk {
  readonly path: string;
  /** Writes until nothing more fits, not a byte. */
  fill(): void;
  /** Takes away what `fill` has written. */
  free(): void;
}

/** Mounting needs root, and a namespace that allows it; `npm test` in a container may have neither. */
export const canMount = process.getuid?.() === 0;

/** Hands a small disk over and takes it away again, whoever still has files open on it. */
export async function withSmallDisk(mebibytes: number, use: (disk: SmallDisk) => Promise<void>): Promise<void> {
  const path = join(tmpdir(), `small-disk-${randomBytes(4).toString('hex')}`);
  mkdirSync(path);
  await execa('mount', ['-t', 'tmpfs', '-o', `size=${mebibytes}m,mode=0755`, 'small-disk', path]);
  const filler = join(path, 'filler');
  try {
    await use({ path, fill: () => fillWith(filler), free: () => unlinkSync(filler) });
  } finally {
    await execa('umount', ['-l', path]);
    rmSync(path, { recursive: true });
  }
}

function fillWith(file: string): void {
  const fd = openSync(file, 'a');
  try {
    // Smaller and smaller: the last page is taken as well.
    for (const size of [1 << 20, 1 << 12, 1]) {
      const block = Buffer.alloc(size);
      try {
        while (writeSync(fd, block) === size);
      } catch (error) {
        if (errorCode(error) !== 'ENOSPC') throw error;
      }
    }
  } finally {
    closeSync(fd);
  }
}
