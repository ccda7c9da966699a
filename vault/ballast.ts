import { closeSync, fsyncSync, openSync, renameSync, statfsSync, statSync, unlinkSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { copyMode, nameExists, syncDir, tempPrefix } from './durable-file.ts';
import { errorCode, isDiskFull } from './errors.ts';
import { runTool } from './run-tool.ts';

const block = 1024 * 1024;

/** Bytes that this account may still write there. */
export function freeBytes(path: string): number {
  const { bavail, bsize } = statfsSync(path);
  return bavail * bsize;
}

/**
 * Keeps space in reserve, in a file that {@link releaseBallast} gives up when the disk is full (design §4.11). One that
 * is there is left as it is.
 * @param bytes its size; blocks are taken, not only promised
 * @returns `no-room` when it does not fit; nothing is left of the try then
 */
export async function keepBallast(file: string, bytes: number): Promise<'there' | 'made' | 'no-room'> {
  if (nameExists(file)) return 'there';
  const temp = `${dirname(file)}/${tempPrefix}ballast-${process.pid}`;
  try {
    await takeBlocks(temp, bytes);
    renameSync(temp, file);
    syncDir(dirname(file));
    return 'made';
  } catch (error) {
    if (nameExists(temp)) unlinkSync(temp);
    if (isDiskFull(error)) return 'no-room';
    throw error;
  }
}

/** Gives the reserve up. @returns how many bytes became free; 0 when there was none */
export function releaseBallast(file: string): number {
  const size = statSync(file, { throwIfNoEntry: false })?.size ?? 0;
  try {
    unlinkSync(file);
    return size;
  } catch (error) {
    // Another process gave it up in the same moment.
    if (errorCode(error) === 'ENOENT') return 0;
    throw error;
  }
}

/** At once where fallocate(1) can; else written, with bytes that no filesystem makes smaller. */
async function takeBlocks(file: string, bytes: number): Promise<void> {
  closeSync(openSync(file, 'wx', copyMode));
  const tool = await runTool({
    tool: 'fallocate',
    args: ['--length', String(bytes), file],
    cwd: '/',
    timeoutMs: 20_000,
  });
  if (tool?.code !== 0) {
    const handle = await open(file, 'w', copyMode);
    try {
      await writeNoise(handle, bytes);
    } finally {
      await handle.close();
    }
  }
  const fd = openSync(file, 'r+');
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

async function writeNoise(handle: FileHandle, bytes: number): Promise<void> {
  const { randomFillSync } = await import('node:crypto');
  const noise = Buffer.alloc(block);
  for (let done = 0; done < bytes; ) {
    randomFillSync(noise);
    done += (await handle.write(noise, 0, Math.min(block, bytes - done))).bytesWritten;
  }
}
