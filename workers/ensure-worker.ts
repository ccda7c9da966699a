import { unlinkSync } from 'node:fs';
import type { WorkerInfo } from '../contract/processes.ts';
import { readIfThere } from '../vault/durable-file.ts';
import { alone, livenessOf, startDaemon, stopDaemon, until } from './daemon.ts';
import { mainFile, workerPlaces } from './places.ts';

/** Generous: a machine that an experiment eats lets nothing start quickly; one that ends at its start is told at once. */
const startDeadlineMs = 120_000;

export interface WorkerUp {
  readonly info: WorkerInfo;
  readonly action: 'adopted' | 'started' | 'replaced';
}

export function readWorkerInfo(stateRoot: string, environment: string): WorkerInfo | undefined {
  const text = readIfThere(workerPlaces(stateRoot, environment).info);
  return text === undefined ? undefined : (JSON.parse(text) as WorkerInfo);
}

/** Adopts the living worker of this environment or starts one; a frozen one, or one of another server, is replaced. */
export async function ensureWorker(
  stateRoot: string,
  environment: string,
  server: { readonly address: string; readonly namespace: string },
): Promise<WorkerUp> {
  const places = workerPlaces(stateRoot, environment);
  return alone(places.startLock, startDeadlineMs * 2, async () => {
    const known = readWorkerInfo(stateRoot, environment);
    const alive = known !== undefined && livenessOf(known) !== 'gone';
    if (
      known &&
      livenessOf(known) === 'running' &&
      known.address === server.address &&
      known.namespace === server.namespace
    ) {
      return { info: known, action: 'adopted' };
    }
    if (known) {
      await stopDaemon(known, 10_000);
      unlinkSync(places.info);
    }
    const info = await startWorker(stateRoot, environment, server);
    return { info, action: alive ? 'replaced' : 'started' };
  });
}

export async function stopWorker(stateRoot: string, environment: string): Promise<'stopped' | 'not-running'> {
  const known = readWorkerInfo(stateRoot, environment);
  if (!known || livenessOf(known) === 'gone') return 'not-running';
  await stopDaemon(known, 15_000);
  return 'stopped';
}

async function startWorker(
  stateRoot: string,
  environment: string,
  server: { readonly address: string; readonly namespace: string },
): Promise<WorkerInfo> {
  const places = workerPlaces(stateRoot, environment);
  const argv = [
    mainFile,
    'worker',
    '--environment',
    environment,
    '--address',
    server.address,
    '--namespace',
    server.namespace,
  ];
  const env = { ...process.env, ROLLBACK_STATE_DIR: stateRoot };
  const daemon = startDaemon(process.execPath, argv, { log: places.log, logged: 'all', env });
  // The worker writes its info when it polls; until then it is not up.
  const up = await until(() => {
    if (livenessOf(daemon) === 'gone') throw new Error(endedAtStart(places.log));
    return readWorkerInfo(stateRoot, environment)?.pid === daemon.pid;
  }, startDeadlineMs);
  const info = readWorkerInfo(stateRoot, environment);
  if (!up || info === undefined) {
    await stopDaemon(daemon, 1_000);
    throw new Error(`The worker was not up within ${startDeadlineMs / 1000} s; its log: ${places.log}`);
  }
  return info;
}

/** What the worker said last is why it ended: a version that it must not go on with, for one. */
function endedAtStart(log: string): string {
  const last = (readIfThere(log) ?? '').trimEnd().split('\n').at(-1) ?? '';
  return `The worker ended at its start; its log: ${log}${last === '' ? '' : `\n${last.slice(0, 1_000)}`}`;
}
