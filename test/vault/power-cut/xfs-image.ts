import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pollUntil } from '../../support/poll.ts';

/** The smallest that mkfs.xfs makes; the file is sparse. */
const imageBytes = 320 * 1024 * 1024;

/** A filesystem in a file, whose disk can be cut off at any moment: what was not durable by then is gone. */
export class XfsImage {
  readonly mountPoint: string;
  readonly #image: string;
  #device = '';

  /** @throws with what the tool said when this machine cannot make or mount one */
  constructor(folder: string) {
    this.#image = join(folder, 'disk.img');
    this.mountPoint = join(folder, 'disk');
    mkdirSync(this.mountPoint);
    writeFileSync(this.#image, '');
    truncateSync(this.#image, imageBytes);
    run('mkfs.xfs', ['-q', this.#image]);
    this.#mount();
  }

  /** What is there now would survive: the state before the moment that is looked at. */
  settle(): void {
    run('sync', ['-f', this.mountPoint]);
  }

  /** The power goes: nothing reaches the disk any more, not even the log that was about to be written. */
  cut(): void {
    run('xfs_io', ['-x', '-c', 'shutdown', this.mountPoint]);
  }

  /** The power is back. What the operation had started is ended by then, if not yet gone. */
  async comeBack(): Promise<void> {
    await pollUntil(
      'the disk to be let go',
      () => attempt('umount', [this.mountPoint]),
      (why) => why === undefined,
    );
    attempt('losetup', ['--detach', this.#device]);
    this.#mount();
  }

  close(): void {
    attempt('umount', ['--lazy', this.mountPoint]);
    attempt('losetup', ['--detach', this.#device]);
    rmSync(this.#image, { force: true });
  }

  /**
   * On a device of its own each time: a container that starts just now has the mounts of the host for a moment, and with
   * them the filesystem that was cut off; it writes nothing any more, so the same disk may be mounted anew beside it.
   */
  #mount(): void {
    this.#device = run('losetup', ['--find', '--show', this.#image]).trim();
    run('mount', ['-o', 'nouuid', this.#device, this.mountPoint]);
  }
}

/** Why no such filesystem can be had here; undefined when it can. Tried, not guessed. */
export function whyNoPowerCut(folder: string): string | undefined {
  try {
    const image = new XfsImage(folder);
    image.close();
    rmSync(image.mountPoint, { recursive: true });
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function run(tool: string, args: readonly string[]): string {
  const { status, stdout, stderr, error } = spawnSync(tool, args, {
    encoding: 'utf8',
    env: rootEnv(),
    timeout: 60_000,
  });
  if (status !== 0) throw new Error(`${tool} ${args.join(' ')}: ${error?.message ?? stderr.trim()}`);
  return stdout;
}

/** @returns why it failed; undefined when it did not */
function attempt(tool: string, args: readonly string[]): string | undefined {
  try {
    run(tool, args);
    return undefined;
  } catch (error) {
    return String(error);
  }
}

function rootEnv(): NodeJS.ProcessEnv {
  return { ...process.env, PATH: `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin` };
}
