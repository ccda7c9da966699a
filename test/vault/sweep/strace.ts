import { spawn } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { traced } from './calls.ts';
import { endGroup } from './end-group.ts';

/** How an operation ended, as its program printed it. */
export interface Ended {
  readonly outcome: string;
  readonly code?: string;
  readonly message?: string;
}

export interface ProgramRun {
  readonly signal: NodeJS.Signals | null;
  readonly ended: readonly Ended[];
  readonly acknowledged: readonly string[];
  readonly stderr: string;
  readonly trace: string;
}

export interface Program {
  /** `children/operate.js`. */
  readonly file: string;
  readonly order: {
    readonly operation: string;
    readonly folder: string;
    readonly attempt: number;
    readonly runs: number;
  };
}

const deadlineMs = 60_000;

/** Runs the program to its end without anybody looking on. */
export function runProgram({ file, order }: Program): Promise<ProgramRun> {
  return outputOf([process.execPath, file, JSON.stringify(order)], undefined);
}

/**
 * Runs the program under strace. Not with -f: what is swept happens on its first thread, and a helper program has a
 * count of its own.
 * @param inject an expression of strace's `-e inject=`
 */
export async function runTraced(program: Program, traceFile: string, inject?: string): Promise<ProgramRun> {
  return outputOf(straceArgv(program, traceFile, inject), traceFile);
}

export function straceArgv({ file, order }: Program, traceFile: string, inject?: string): string[] {
  return [
    ...['strace', '-y', '-s', '4096', '-o', traceFile, '-e', `trace=${traced}`, '-e', 'signal=SIGSTOP'],
    ...(inject === undefined ? [] : ['-e', `inject=${inject}`]),
    ...[process.execPath, file, JSON.stringify(order)],
  ];
}

function outputOf(argv: readonly string[], traceFile: string | undefined): Promise<ProgramRun> {
  const [command = '', ...args] = argv;
  const env = { ...process.env, UV_THREADPOOL_SIZE: '1' };
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { env, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
    let [stdout, stderr] = ['', ''];
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    // A program that hangs is a fault of its own: it ends without a word.
    const timer = setTimeout(() => endGroup(child.pid), deadlineMs);
    child.on('error', (error) => {
      clearTimeout(timer);
      reject(error);
    });
    child.on('close', (_, signal) => {
      clearTimeout(timer);
      const trace = traceFile === undefined ? '' : readFileSync(traceFile, 'latin1');
      if (traceFile !== undefined) rmSync(traceFile);
      resolve({ signal, stderr, trace, ...linesOf(stdout) });
    });
  });
}

/** Each line is one object; the last of a killed program may be torn. */
function linesOf(stdout: string): Pick<ProgramRun, 'ended' | 'acknowledged'> {
  const lines = stdout
    .split('\n')
    .filter((line) => line.endsWith('}'))
    .map((line) => JSON.parse(line) as Ended & { readonly acknowledged?: string });
  return {
    ended: lines.filter(({ acknowledged }) => acknowledged === undefined),
    acknowledged: lines.flatMap(({ acknowledged }) => (acknowledged === undefined ? [] : [acknowledged])),
  };
}
