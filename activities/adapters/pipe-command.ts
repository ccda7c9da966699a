import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { closeSync, constants, fsyncSync, openSync, writeSync } from 'node:fs';
import { fenceVariable } from '../../vault/processes.ts';

/** A command whose input or output is bytes: too much for memory, or no text (names, dumps, differences). */
export interface PipedCommand {
  readonly argv: readonly string[];
  readonly cwd: string;
  /** The whole environment, but for the fence. */
  readonly environment: Readonly<Record<string, string>>;
  readonly owner?: { readonly uid: number; readonly gid: number } | undefined;
  readonly timeoutMs: number;
  readonly marker: string;
  readonly signal?: AbortSignal | undefined;
  /** Bytes for the standard input, or a file that is its standard input. */
  readonly input?: Buffer | { readonly file: string } | undefined;
  /** Where the standard output goes: into memory, or into a new file of which at most `maxBytes` are written. */
  readonly output: { readonly maxBytes: number; readonly file?: string | undefined };
}

export interface Piped {
  readonly exitCode: number | null;
  readonly signal: string | null;
  readonly timedOut: boolean;
  /** Empty when it went into a file. */
  readonly stdout: Buffer;
  /** The first 64 KiB. */
  readonly stderr: string;
  /** Of what was kept. */
  readonly sha256: string;
  readonly bytes: number;
  /** More came than was kept. */
  readonly truncated: boolean;
}

const maxStderrBytes = 64 * 1024;

/**
 * Runs a command without a shell in a process group of its own, killed whole on abort and timeout, like the commands
 * adapter, which keeps text only. A file that is written is durable when this returns.
 * @throws the abort's reason; the system's error when the command cannot be started or the file not be written
 */
export async function pipeCommand(command: PipedCommand): Promise<Piped> {
  command.signal?.throwIfAborted();
  const sink = new Sink(command.output);
  try {
    const ended = await run(command, sink);
    sink.sync();
    command.signal?.throwIfAborted();
    return { ...ended, ...sink.result() };
  } finally {
    sink.close();
  }
}

type Ended = Pick<Piped, 'exitCode' | 'signal' | 'timedOut' | 'stderr'>;

function run(command: PipedCommand, sink: Sink): Promise<Ended> {
  const [file = '', ...args] = command.argv;
  const { input, owner } = command;
  const stdin = input !== undefined && 'file' in input ? openSync(input.file, constants.O_RDONLY) : undefined;
  const changesOwner = owner !== undefined && process.getuid?.() === 0 && owner.uid !== 0;
  const child = spawn(file, args, {
    cwd: command.cwd,
    env: { ...command.environment, [fenceVariable]: command.marker },
    detached: true,
    stdio: [stdin ?? (input === undefined ? 'ignore' : 'pipe'), 'pipe', 'pipe'],
    ...(changesOwner ? owner : {}),
  });
  if (stdin !== undefined) closeSync(stdin);
  const kill = () => killGroup(child.pid);
  let timedOut = false;
  let failure: unknown;
  const timer = setTimeout(() => {
    timedOut = true;
    kill();
  }, command.timeoutMs);
  command.signal?.addEventListener('abort', kill, { once: true });
  const stderr: Buffer[] = [];
  let stderrBytes = 0;
  child.stdout?.on('data', (bytes: Buffer) => {
    try {
      sink.add(bytes);
    } catch (error) {
      failure = error;
      kill();
    }
  });
  child.stderr?.on('data', (bytes: Buffer) => {
    if (stderrBytes < maxStderrBytes) stderr.push(bytes.subarray(0, maxStderrBytes - stderrBytes));
    stderrBytes += bytes.length;
  });
  // A command that does not read its input closes it: its exit code says what matters.
  child.stdin?.on('error', () => undefined);
  if (Buffer.isBuffer(input)) child.stdin?.end(input);
  return new Promise<Ended>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (exitCode, signal) => {
      if (failure !== undefined) reject(failure);
      else resolve({ exitCode, signal, timedOut, stderr: Buffer.concat(stderr).toString('utf8') });
    });
  }).finally(() => {
    clearTimeout(timer);
    command.signal?.removeEventListener('abort', kill);
  });
}

function killGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // The group is gone already.
  }
}

class Sink {
  readonly #maxBytes: number;
  readonly #fd: number | undefined;
  readonly #parts: Buffer[] = [];
  readonly #hash = createHash('sha256');
  #bytes = 0;
  #truncated = false;
  #closed = false;

  constructor({ maxBytes, file }: PipedCommand['output']) {
    this.#maxBytes = maxBytes;
    const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC | constants.O_NOFOLLOW;
    this.#fd = file === undefined ? undefined : openSync(file, flags, 0o600);
  }

  add(chunk: Buffer): void {
    const part = chunk.subarray(0, Math.max(0, this.#maxBytes - this.#bytes));
    this.#truncated ||= part.length < chunk.length;
    if (part.length === 0) return;
    this.#bytes += part.length;
    this.#hash.update(part);
    if (this.#fd === undefined) this.#parts.push(part);
    else for (let done = 0; done < part.length; ) done += writeSync(this.#fd, part, done);
  }

  sync(): void {
    if (this.#fd !== undefined) fsyncSync(this.#fd);
  }

  result(): Pick<Piped, 'stdout' | 'sha256' | 'bytes' | 'truncated'> {
    const sha256 = this.#hash.digest('hex');
    return { stdout: Buffer.concat(this.#parts), sha256, bytes: this.#bytes, truncated: this.#truncated };
  }

  close(): void {
    if (this.#fd !== undefined && !this.#closed) closeSync(this.#fd);
    this.#closed = true;
  }
}
