import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Client, Connection } from '@temporalio/client';
import { taskQueueOf } from '../../../contract/ids.ts';
import type { ServerInfo } from '../../../contract/processes.ts';
import type { PhaseInput, PhaseResult } from '../../../contract/rollback.ts';
import { processStart } from '../../../vault/processes.ts';
import { ensureServer, stopServer } from '../../../workers/embedded-server.ts';
import { pollUntil } from '../../support/poll.ts';

const main = fileURLToPath(new URL('../../../dist/workers/main.js', import.meta.url));

/** A worker as it runs in earnest: a process of its own, that can be killed, frozen and woken. */
export interface OwnWorker {
  /** As this host counts, also for one in a pid namespace of its own. */
  readonly pid: number;
  signal(signal: NodeJS.Signals): void;
  isAlive(): boolean;
}

/** A Temporal server and workers of a test's own, in its state folder: they may be killed. */
export interface OwnProcesses {
  server(): Promise<ServerInfo>;
  killServer(): Promise<void>;
  worker(how?: { readonly env?: NodeJS.ProcessEnv; readonly ownPids?: boolean }): Promise<OwnWorker>;
  /** Starts a phase and hands over its end, asked of the server as it is then. */
  begin(phase: string, input: PhaseInput): Promise<() => Promise<PhaseResult>>;
  end(): Promise<void>;
}

export function ownProcesses(stateRoot: string, environment: string): OwnProcesses {
  const children: ChildProcess[] = [];
  const log = openSync(join(stateRoot, 'workers.log'), 'a');
  const server = async () => (await ensureServer(stateRoot)).info;
  return {
    server,
    async killServer() {
      const { pid, pidStart } = await server();
      process.kill(pid, 'SIGKILL');
      const gone = () => processStart(pid) !== pidStart;
      await pollUntil('the end of the server', gone, (is) => is);
    },
    async worker({ env = {}, ownPids = false } = {}) {
      const { address, namespace } = await server();
      const asked = ['--environment', environment, '--address', address, '--namespace', namespace];
      const argv = [...(ownPids ? inOwnPids : []), process.execPath, main, 'worker', ...asked];
      const [file = '', ...args] = argv;
      const child = spawn(file, args, {
        env: { ...process.env, ROLLBACK_STATE_DIR: stateRoot, ...env },
        stdio: ['ignore', log, log],
      });
      children.push(child);
      const outer = child.pid ?? 0;
      return workerOf(ownPids ? await onlyChildOf(outer) : outer);
    },
    async begin(phase, input) {
      const workflowId = `${phase}/${randomUUID()}`;
      const taskQueue = taskQueueOf(environment, hostname());
      await withClient(await server(), async (client) => {
        await client.workflow.start(phase, { workflowId, taskQueue, args: [input] });
      });
      return async () =>
        withClient(await server(), (client) => client.workflow.getHandle(workflowId).result() as Promise<PhaseResult>);
    },
    async end() {
      // A frozen one is ended as well: SIGKILL needs no waking. What runs in its own pid namespace ends with its init.
      for (const child of children) child.kill('SIGKILL');
      closeSync(log);
      await stopServer(stateRoot);
    },
  };
}

/** Its fences then name a pid that means nothing here: a successor cannot end it (a worker in a container, say). */
const inOwnPids = ['unshare', '--fork', '--pid', '--mount-proc', '--kill-child'] as const;

function onlyChildOf(pid: number): Promise<number> {
  const look = () => Number(readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ')[0]);
  return pollUntil('the process in its own pid namespace', look, (child) => child > 0);
}

function workerOf(pid: number): OwnWorker {
  const start = processStart(pid);
  return {
    pid,
    signal: (signal) => void process.kill(pid, signal),
    isAlive: () => start !== undefined && processStart(pid) === start,
  };
}

async function withClient<T>({ address, namespace }: ServerInfo, use: (client: Client) => Promise<T>): Promise<T> {
  const connection = await Connection.connect({ address });
  try {
    return await use(new Client({ connection, namespace }));
  } finally {
    await connection.close();
  }
}
