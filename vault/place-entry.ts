import {
  chmodSync,
  chownSync,
  closeSync,
  constants,
  copyFile,
  fchmodSync,
  fchownSync,
  fsync,
  futimesSync,
  lchownSync,
  lutimesSync,
  openSync,
  readSync,
  symlinkSync,
  utimesSync,
  writeSync,
} from 'node:fs';
import { promisify } from 'node:util';
import { beneathSupported } from './dir-tree.ts';
import { errorCode } from './errors.ts';
import { hashDescriptor } from './hash-file.ts';
import type { ManifestEntry } from './manifest/entry.ts';
import { settableTime } from './mtime.ts';

const copyFileAsync = promisify(copyFile);
const fsyncAsync = promisify(fsync);

/** Below this a read and a write cost less than asking the kernel to copy. */
const smallBytes = 128 * 1024;

/** Owner, mode and times as a manifest or an operator wants them. */
export type Metadata = Pick<ManifestEntry, 'mode' | 'uid' | 'gid' | 'mtimeUs'>;

/** An unprivileged account cannot give files away: then the content is right and the owner is told to be not. */
export interface Placed {
  readonly sha256: string;
  readonly bytes: number;
  readonly ownerKept: boolean;
}

/** Creates a new file of ours for writing; an existing name, also a link, is refused with EEXIST. */
export function createNew(path: string | Buffer): number {
  const flags = constants.O_RDWR | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
  return openSync(path, flags, 0o600);
}

/**
 * Copies content by descriptors (reflink where the filesystem can), sets owner, mode and times, makes it durable and
 * says what is in it now: the hash is of the copy, read back, not of what was meant.
 */
export async function fillFile(
  from: number,
  to: number,
  job: { readonly size: number; readonly metadata: Metadata; readonly signal?: AbortSignal | undefined },
): Promise<Placed> {
  job.signal?.throwIfAborted();
  if (job.size <= smallBytes || !beneathSupported) copySmall(from, to);
  else await copyFileAsync(`/proc/self/fd/${from}`, `/proc/self/fd/${to}`, constants.COPYFILE_FICLONE);
  const { sha256, bytes } = await hashDescriptor(to, job.signal);
  const ownerKept = setDescriptor(to, job.metadata);
  await fsyncAsync(to);
  return { sha256, bytes, ownerKept };
}

/** Makes a symlink with its target verbatim, owner and times. @returns whether the owner could be set */
export function placeSymlink(path: Buffer, link: Buffer, metadata: Metadata): boolean {
  symlinkSync(link, path);
  return setSymlink(path, metadata);
}

export function setSymlink(path: Buffer, metadata: Metadata): boolean {
  const ownerKept = allowed(() => lchownSync(path, metadata.uid, metadata.gid));
  const time = settableTime(metadata.mtimeUs);
  lutimesSync(path, time, time);
  return ownerKept;
}

/** Sets metadata of a folder or file through a path that cannot be swapped: a descriptor's name in /proc. */
export function setHeld(path: Buffer, metadata: Metadata): boolean {
  const ownerKept = allowed(() => chownSync(path, metadata.uid, metadata.gid));
  chmodSync(path, safeMode(metadata.mode, ownerKept));
  const time = settableTime(metadata.mtimeUs);
  utimesSync(path, time, time);
  return ownerKept;
}

function setDescriptor(fd: number, metadata: Metadata): boolean {
  // The owner first: a change of owner takes setuid and capabilities away.
  const ownerKept = allowed(() => fchownSync(fd, metadata.uid, metadata.gid));
  fchmodSync(fd, safeMode(metadata.mode, ownerKept));
  const time = settableTime(metadata.mtimeUs);
  futimesSync(fd, time, time);
  return ownerKept;
}

/** A setuid file must not become setuid for somebody else. */
function safeMode(mode: number, ownerKept: boolean): number {
  return ownerKept ? mode : mode & 0o1777;
}

function allowed(change: () => void): boolean {
  try {
    change();
    return true;
  } catch (error) {
    if (errorCode(error) === 'EPERM') return false;
    throw error;
  }
}

function copySmall(from: number, to: number): void {
  const buffer = Buffer.allocUnsafe(smallBytes);
  let position = 0;
  for (;;) {
    const count = readSync(from, buffer, 0, buffer.length, position);
    if (count === 0) return;
    for (let done = 0; done < count; ) done += writeSync(to, buffer, done, count - done, position + done);
    position += count;
  }
}

/** Opens a name without access to its content, for {@link setHeld}; a link itself is not followed. */
export function withHeld<T>(path: Buffer, work: (held: Buffer) => T): T {
  // O_PATH has no constant in Node; open(2) on Linux gives it this value on all its platforms.
  const pathOnly = 0o10000000;
  const fd = openSync(
    path,
    beneathSupported ? pathOnly | constants.O_NOFOLLOW : constants.O_RDONLY | constants.O_NOFOLLOW,
  );
  try {
    return work(beneathSupported ? Buffer.from(`/proc/self/fd/${fd}`) : path);
  } finally {
    closeSync(fd);
  }
}
