import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  closeSync,
  constants,
  fchmodSync,
  fsyncSync,
  linkSync,
  lstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { errorCode } from './errors.ts';

/** Modes of what we write (design §4.9): folders and copies readable by the group, raw evidence by its owner only. */
export const dirMode = 0o750;
export const copyMode = 0o640;
export const evidenceMode = 0o600;

/** Makes the names in a folder durable. On filesystems that cannot sync a folder this is a no-op. */
export function syncDir(path: string | Buffer): void {
  const fd = openSync(path, constants.O_RDONLY | constants.O_DIRECTORY);
  try {
    fsyncSync(fd);
  } catch (error) {
    // EINVAL: the filesystem has no fsync for folders; it is no failure of the disk.
    if (errorCode(error) !== 'EINVAL') throw error;
  } finally {
    closeSync(fd);
  }
}

/**
 * `mkdir -p` whose new names survive a power cut. Existing folders keep their mode.
 * @param mode of the folders that are made, whatever the umask
 * @throws the system's error; ENOTDIR when a file is in the way
 */
export function ensureDir(path: string, mode: number = dirMode): void {
  try {
    mkdirSync(path, { mode });
  } catch (error) {
    const code = errorCode(error);
    if (code === 'EEXIST') {
      // A link to a folder is a folder here: a host may keep its state on another disk that way.
      closeSync(openSync(path, constants.O_RDONLY | constants.O_DIRECTORY));
      return;
    }
    if (code !== 'ENOENT') throw error;
    ensureDir(dirname(path), mode);
    ensureDir(path, mode);
    return;
  }
  chmodSync(path, mode);
  syncDir(dirname(path));
}

/**
 * Writes a small file whole or not at all: temp, fsync, rename, fsync of the folder (facts: without the fsyncs XFS
 * leaves a file of 0 bytes after a power cut). After an error the temp is gone and the old file is as it was.
 */
export function writeFileDurably(path: string, content: string | Uint8Array, mode: number = copyMode): void {
  const temp = writeTemp(dirname(path), content, mode);
  try {
    renameSync(temp, path);
  } catch (error) {
    discard(temp);
    throw error;
  }
  syncDir(dirname(path));
}

/**
 * Like {@link writeFileDurably}, but never replaces: of two processes exactly one gets `true`.
 * @returns false when the name was taken; the existing file is not touched
 */
export function createFileDurably(path: string, content: string | Uint8Array, mode: number = copyMode): boolean {
  const temp = writeTemp(dirname(path), content, mode);
  try {
    // link refuses an existing name and shows the file only with its whole content.
    linkSync(temp, path);
  } catch (error) {
    if (errorCode(error) === 'EEXIST') return false;
    throw error;
  } finally {
    discard(temp);
  }
  syncDir(dirname(path));
  return true;
}

/** Content of a small file, or undefined when there is none. */
export function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

/** Whether a name exists, without following a link. */
export function nameExists(path: string | Buffer): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
}

/** Prefix of half-written files: whoever lists a folder of records skips these. */
export const tempPrefix = '.tmp-';

function writeTemp(folder: string, content: string | Uint8Array, mode: number): string {
  const temp = join(folder, `${tempPrefix}${process.pid}-${randomBytes(6).toString('hex')}`);
  const fd = openSync(temp, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, mode);
  try {
    fchmodSync(fd, mode);
    writeAll(fd, typeof content === 'string' ? Buffer.from(content) : content);
    fsyncSync(fd);
  } catch (error) {
    // After EIO a second fsync lies (facts): the temp is thrown away, never tried again.
    closeSync(fd);
    discard(temp);
    throw error;
  }
  closeSync(fd);
  return temp;
}

function writeAll(fd: number, bytes: Uint8Array): void {
  let done = 0;
  while (done < bytes.length) done += writeSync(fd, bytes, done, bytes.length - done);
}

function discard(temp: string): void {
  try {
    unlinkSync(temp);
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw error;
  }
}
