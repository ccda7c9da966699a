import { spawn } from 'node:child_process';
import { errorCode } from './errors.ts';

export interface ToolRun {
  readonly tool: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly input?: Buffer;
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal | undefined;
}

export interface ToolResult {
  /** null when it was killed by a signal. */
  readonly code: number | null;
  readonly timedOut: boolean;
  readonly stdout: Buffer;
  readonly stderr: Buffer;
}

/** What of an error message is worth keeping. */
const maxStderrBytes = 64 * 1024;

/**
 * Runs a helper program without a shell, in a process group of its own, so that its children end with it.
 * @returns undefined when it is not installed or may not be run
 */
export function runTool(run: ToolRun): Promise<ToolResult | undefined> {
  return new Promise((resolve, reject) => {
    // An abort that came before is no event any more.
    run.signal?.throwIfAborted();
    const child = spawn(run.tool, run.args, { cwd: run.cwd, stdio: ['pipe', 'pipe', 'pipe'], detached: true });
    const [out, err]: [Buffer[], Buffer[]] = [[], []];
    let errBytes = 0;
    let timedOut = false;
    const end = () => endGroup(child.pid);
    const timer =
      run.timeoutMs === undefined
        ? undefined
        : setTimeout(() => {
            timedOut = true;
            end();
          }, run.timeoutMs);
    run.signal?.addEventListener('abort', end, { once: true });
    child.stdout.on('data', (chunk: Buffer) => out.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => {
      if (errBytes < maxStderrBytes) err.push(chunk);
      errBytes += chunk.length;
    });
    // A tool that ends early closes its input; its exit code tells, not the pipe.
    child.stdin.on('error', () => undefined);
    child.stdin.end(run.input);
    const settle = () => {
      clearTimeout(timer);
      run.signal?.removeEventListener('abort', end);
    };
    child.on('error', (error) => {
      settle();
      const code = errorCode(error);
      if (code === 'ENOENT' || code === 'EACCES') resolve(undefined);
      else reject(error);
    });
    child.on('close', (code) => {
      settle();
      if (run.signal?.aborted === true) reject(run.signal.reason);
      else resolve({ code, timedOut, stdout: Buffer.concat(out), stderr: Buffer.concat(err) });
    });
  });
}

function endGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch (error) {
    if (errorCode(error) !== 'ESRCH') throw error;
  }
}
