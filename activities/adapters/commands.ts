import { type ChildProcess, spawn } from 'node:child_process';
import { fenceVariable } from '../../vault/processes.ts';
import type { CommandResult, Commands } from '../kernel/world.ts';

/** How long the last output is waited for once the command itself has ended: a background child may hold the pipe. */
const drainMs = 1_000;

/**
 * Runs commands without a shell, each in a process group of its own that is killed whole on abort and timeout: a child
 * left alone goes on writing (facts). The environment is the worker's own plus what the command names.
 *
 * @throws the abort's reason, once the group is killed. A file that is missing or may not be run is a result
 * (127, 126 as in a shell), not an error.
 */
export function makeCommands(base: Readonly<Record<string, string | undefined>> = process.env): Commands {
  return {
    run: (command) => {
      command.signal?.throwIfAborted();
      const [file, ...args] = command.argv;
      if (file === undefined || file === '') return Promise.resolve(notRun(127, 'no command is named'));
      const child = spawn(file, args, {
        cwd: command.cwd,
        env: { ...base, ...command.environment, [fenceVariable]: command.marker },
        detached: true,
        stdio: [command.input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
        ...identity(command.owner),
      });
      return watch(child, command);
    },
  };
}

type Command = Parameters<Commands['run']>[0];

function watch(child: ChildProcess, command: Command): Promise<CommandResult> {
  const startedMs = performance.now();
  const output = new CappedOutput(command.maxOutputBytes);
  const stdout = new CappedOutput(command.maxOutputBytes);
  let timedOut = false;
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      timedOut = true;
      killGroup(child);
    }, command.timeoutMs);
    const onAbort = () => killGroup(child);
    command.signal?.addEventListener('abort', onAbort, { once: true });

    let ended = false;
    const end = (result: {
      readonly exitCode: number | null;
      readonly signal: string | null;
      readonly note?: string;
    }) => {
      if (ended) return;
      ended = true;
      clearTimeout(timer);
      command.signal?.removeEventListener('abort', onAbort);
      child.stdout?.destroy();
      child.stderr?.destroy();
      if (command.signal?.aborted) return reject(command.signal.reason);
      const { note = '', ...status } = result;
      resolve({
        ...status,
        timedOut,
        output: output.text() + note,
        stdout: stdout.text(),
        elapsedMs: performance.now() - startedMs,
      });
    };

    child.stdout?.on('data', (bytes: Buffer) => {
      output.add(bytes);
      stdout.add(bytes);
    });
    child.stderr?.on('data', (bytes: Buffer) => output.add(bytes));
    // A command that does not read its input closes it: its exit code says what matters.
    child.stdin?.on('error', () => undefined);
    child.stdin?.end(command.input);
    child.on('error', (error: NodeJS.ErrnoException) => {
      end({ exitCode: error.code === 'ENOENT' ? 127 : 126, signal: null, note: error.message });
    });
    child.on('close', (exitCode, signal) => end({ exitCode, signal }));
    child.on('exit', (exitCode, signal) => setTimeout(() => end({ exitCode, signal }), drainMs).unref());
  });
}

/** Kills the command with all its children, as far as they stayed in its group. */
function killGroup(child: ChildProcess): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch {
    // The group is gone already.
  }
}

function identity(owner: Command['owner']): { readonly uid?: number; readonly gid?: number } {
  // Only root can become somebody else; asking for what one already is would fail for the others (setgroups).
  if (owner === undefined || (process.getuid?.() === owner.uid && process.getgid?.() === owner.gid)) return {};
  return owner;
}

function notRun(exitCode: number, output: string): CommandResult {
  return { exitCode, signal: null, timedOut: false, output, stdout: '', elapsedMs: 0 };
}

class CappedOutput {
  readonly #parts: Buffer[] = [];
  readonly #cap: number;
  #bytes = 0;

  constructor(cap: number) {
    this.#cap = cap;
  }

  add(bytes: Buffer): void {
    const part = bytes.subarray(0, Math.max(0, this.#cap - this.#bytes));
    this.#bytes += part.length;
    if (part.length > 0) this.#parts.push(part);
  }

  text(): string {
    return Buffer.concat(this.#parts).toString('utf8');
  }
}
