import { readdirSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { errorCode } from '../vault/errors.ts';
import { processStart } from '../vault/processes.ts';
import { until } from './until.ts';

/** Processes of a private engine: known by the folder that stands in their command lines. */
interface EngineProcess {
  readonly pid: number;
  /** `dockerd`, `containerd`, `containerd-shim-runc-v2` … */
  readonly name: string;
}

export function processesOf(folder: string): readonly EngineProcess[] {
  return pids().flatMap((pid) => {
    const [command = '', ...args] = commandLine(pid);
    const ours = args.some((arg) => arg === folder || arg.includes(`${folder}/`));
    const name = basename(command);
    return ours && /^(dockerd|containerd|docker-)/.test(name) && isAlive(pid) ? [{ pid, name }] : [];
  });
}

/** Kills engine, its helpers and everything in its containers: the engine first, so that nothing is started again. */
export async function endAll(folder: string): Promise<void> {
  await until(
    `the processes of ${folder} to be gone`,
    async () => {
      const ours = processesOf(folder);
      const doomed = [...ours.map(({ pid }) => pid), ...below(ours.map(({ pid }) => pid))];
      for (const pid of doomed) signal(pid, 'SIGKILL');
      return doomed.some(isAlive) ? undefined : true;
    },
    { deadlineMs: 30_000 },
  );
}

export function isAlive(pid: number): boolean {
  return processStart(pid) !== undefined;
}

/** Gone already is as wanted. */
export function signal(pid: number, name: NodeJS.Signals): void {
  // 0 and below mean groups of processes, our own among them.
  if (pid <= 1) return;
  try {
    process.kill(pid, name);
  } catch (error) {
    if (errorCode(error) !== 'ESRCH') throw error;
  }
}

/** Their children, and children's children. */
function below(parents: readonly number[]): readonly number[] {
  const family = new Set(parents);
  const all = pids().map((pid) => ({ pid, parent: parentOf(pid) }));
  for (let before = -1; before !== family.size; ) {
    before = family.size;
    for (const { pid, parent } of all) if (parent !== undefined && family.has(parent)) family.add(pid);
  }
  return [...family].filter((pid) => !parents.includes(pid));
}

function pids(): readonly number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => pid !== process.pid);
}

function commandLine(pid: number): readonly string[] {
  return readProc(pid, 'cmdline').split('\0');
}

function parentOf(pid: number): number | undefined {
  const stat = readProc(pid, 'stat');
  // The command's name is in parentheses and may itself hold spaces.
  const parent = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1];
  return parent === undefined ? undefined : Number(parent);
}

function readProc(pid: number, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'latin1');
  } catch {
    // Gone meanwhile.
    return '';
  }
}
