import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Client, Connection } from '@temporalio/client';
import { execa } from 'execa';
import type { ServerInfo, WorkerInfo } from '../contract/processes.ts';
import { createLab, type Lab } from '../lab/lab.ts';
import { bytesRow, mebibyte, type Row } from './rows.ts';

const command = fileURLToPath(new URL('../client/main.js', import.meta.url));
const lookEveryMs = 200;

/** What a full rollback of the lab may take: processes together, and what all its workflows write down. */
const bounds = { memoryBytes: 600 * mebibyte, events: 400, historyBytes: 250_000 } as const;

/** Server and worker during a full rollback with corrupt data in the lab, looked at again and again. */
export async function measureMemory(): Promise<readonly Row[]> {
  const lab = await createLab({ until: 'stable' });
  try {
    await rollback(lab, ['checkpoint', 'create', '--reason', 'bench']);
    await lab.experimentUp();
    await lab.breakIt('corrupt-path');
    const idle = residentBytes(lab);
    let most = idle;
    const looking = setInterval(() => {
      most = Math.max(most, residentBytes(lab));
    }, lookEveryMs);
    try {
      await rollback(lab, ['start', '--scenario', 'data-corruption', '--reason', 'bench', '--yes']);
    } finally {
      clearInterval(looking);
    }
    const { events, bytes } = await historyOf(lab);
    return [
      bytesRow('lab rollback: server and worker together, before', idle, bounds.memoryBytes),
      bytesRow('lab rollback: server and worker together, at most', most, bounds.memoryBytes),
      {
        what: 'lab rollback: events of all its workflows',
        value: String(events),
        bound: String(bounds.events),
        kept: events <= bounds.events,
      },
      {
        what: 'lab rollback: size of their histories',
        value: `${bytes} bytes`,
        bound: `${bounds.historyBytes} bytes`,
        kept: bytes <= bounds.historyBytes,
      },
    ];
  } finally {
    await lab.destroy();
  }
}

/** @throws Error with what it said; 3 is a rollback with exceptions, as on a busy machine */
async function rollback(lab: Lab, args: readonly string[]): Promise<void> {
  const { exitCode, stderr } = await execa(process.execPath, [command, ...args, '--target', lab.targetFile], {
    cwd: lab.folder,
    env: { ...lab.env, TEMPORAL_ADDRESS: undefined, CI: 'true' },
    stdin: 'ignore',
    reject: false,
  });
  if (exitCode !== 0 && exitCode !== 3) throw new Error(`rollback ${args.join(' ')} ended with ${exitCode}: ${stderr}`);
}

function residentBytes(lab: Lab): number {
  const pids = [serverOf(lab).pid, read<WorkerInfo>(join(lab.stateDir, `lab-${lab.id}`, 'worker.json')).pid];
  return pids.reduce((sum, pid) => sum + residentOf(pid), 0);
}

/** VmRSS of proc_pid_status(5), in KiB there. */
function residentOf(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0) * 1024;
}

/** All workflows of the lab's server but the one that made the checkpoint. */
async function historyOf(lab: Lab): Promise<{ readonly events: number; readonly bytes: number }> {
  const { address, namespace } = serverOf(lab);
  const connection = await Connection.connect({ address });
  try {
    const client = new Client({ connection, namespace });
    let events = 0;
    let bytes = 0;
    for await (const { workflowId, runId, type } of client.workflow.list()) {
      if (type === 'checkpoint') continue;
      const { historyLength, historySize } = await client.workflow.getHandle(workflowId, runId).describe();
      events += historyLength;
      bytes += historySize ?? 0;
    }
    return { events, bytes };
  } finally {
    await connection.close();
  }
}

function serverOf(lab: Lab): ServerInfo {
  return read<ServerInfo>(join(lab.stateDir, 'server', 'server.json'));
}

function read<T>(path: string): T {
  return JSON.parse(readFileSync(path, 'utf8')) as T;
}
