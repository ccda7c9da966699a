import { hostname } from 'node:os';
import { setTimeout as wait } from 'node:timers/promises';
import { Client } from '@temporalio/client';
import { NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { taskQueueOf } from '../contract/ids.ts';
import type { WorkerInfo } from '../contract/processes.ts';
import { writeFileDurably } from '../vault/durable-file.ts';
import { ensureDir } from '../vault/layout.ts';
import { processStart } from '../vault/processes.ts';
import { type Versions, writeVersions } from '../vault/versions-file.ts';
import { type BundleChoice, chooseBundle, OtherVersion } from './choose-bundle.ts';
import { productVersion, sdkVersion } from './here-versions.ts';
import { keepReserve } from './keep-reserve.ts';
import { type Bundle, bundlesDir, keepBundle, keptBundle, lastVersionsPath } from './kept-bundles.ts';
import { openRollbackOf } from './open-rollback-of.ts';
import { workerPlaces } from './places.ts';
import { temporalLogger } from './temporal-logger.ts';
import { logLine } from './worker-log.ts';

export interface WorkerOptions {
  readonly stateRoot: string;
  readonly environment: string;
  readonly address: string;
  readonly namespace: string;
  /** What the worker offers, told with which versions it works. */
  readonly activities: (versions: Versions) => object;
  /** File with the workflow code of this installation. */
  readonly bundle: string;
}

/** Between two tries to reach a server that went away. */
const reconnectMs = 1_000;

/** How often it is looked whether the rollback has ended that keeps the worker on earlier code. */
const lookEveryMs = 2_000;

/**
 * Runs the worker of one environment until SIGTERM or SIGINT; a server that goes away is waited for.
 * @throws OtherVersion when a rollback is under way that this installation must not go on with
 */
export async function runWorker(options: WorkerOptions): Promise<void> {
  // The native side is told to hand its messages over: what it prints itself cannot be kept from failing.
  Runtime.install({ shutdownSignals: [], logger: temporalLogger(), telemetryOptions: { logging: { forward: {} } } });
  const stop = new AbortController();
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => stop.abort());
  await workUntil(stop.signal, options);
}

/** Without anything of the process: signals and runtime are the caller's. @throws OtherVersion */
export async function workUntil(stop: AbortSignal, options: WorkerOptions): Promise<void> {
  while (!stop.aborted) {
    try {
      await workOnce(options, stop);
    } catch (error) {
      if (error instanceof OtherVersion) throw error;
      logLine(`worker: ${error instanceof Error ? error.message : String(error)}`);
      await wait(reconnectMs, undefined, { signal: stop }).catch(() => undefined);
    }
  }
}

/** Ends when it is told to, when the server has gone, or when newer code may take over from a kept bundle. */
async function workOnce(options: WorkerOptions, stop: AbortSignal): Promise<void> {
  const { stateRoot, environment, namespace } = options;
  const connection = await NativeConnection.connect({ address: options.address });
  const ended = new AbortController();
  try {
    const client = new Client({ connection, namespace });
    const installed = await versionsHere(options, connection);
    const open = await openRollbackOf(client, stateRoot, environment);
    const bundle = bundleOf(options, chooseBundle(open, installed));
    const versions = { ...installed, bundle: bundle.hash };
    writeVersions(lastVersionsPath(stateRoot, environment), versions);
    const taskQueue = taskQueueOf(environment, hostname());
    const worker = await Worker.create({
      connection,
      namespace,
      taskQueue,
      workflowBundle: { codePath: bundle.path },
      activities: options.activities(versions),
      // A step at work may finish; what does not is found again by its successor.
      shutdownGraceTime: '5s',
      maxConcurrentActivityTaskExecutions: 16,
      // Cancelling reaches an act through the answer to its heartbeat: no later than this.
      maxHeartbeatThrottleInterval: '2s',
      // What a killed worker had in its cache waits this long for it before its successor gets it.
      stickyQueueScheduleToStartTimeout: '2s',
    });
    const running = worker.run().finally(() => ended.abort());
    announce(options, taskQueue, bundle.hash);
    // Beside the work, which must not wait for it.
    keepReserve(options).catch((error: unknown) => logLine(`ballast: ${String(error)}`));
    const shutdown = shutdownOnce(worker);
    stop.addEventListener('abort', shutdown, { once: true });
    if (stop.aborted) shutdown();
    if (bundle.hash !== installed.bundle) void untilEnded({ client, options, ended: ended.signal }).then(shutdown);
    await running;
  } finally {
    ended.abort();
    await connection.close();
  }
}

async function versionsHere(options: WorkerOptions, connection: NativeConnection): Promise<Versions> {
  const { serverVersion } = await connection.workflowService.getSystemInfo({});
  const { hash } = keepBundle(options.stateRoot, options.environment, options.bundle);
  return { format: 1, product: productVersion(), sdk: sdkVersion(), server: serverVersion, bundle: hash };
}

/** @throws OtherVersion when the bundle of a rollback that is under way has gone */
function bundleOf({ stateRoot, environment, bundle }: WorkerOptions, choice: BundleChoice): Bundle {
  if (choice.kind === 'installed') return keepBundle(stateRoot, environment, bundle);
  const kept = keptBundle(stateRoot, environment, choice.hash);
  if (kept !== undefined) {
    logLine(
      `worker: ${choice.rollbackId} goes on with the workflow code that it began with (${choice.hash.slice(0, 12)})`,
    );
    return kept;
  }
  throw new OtherVersion(
    `${choice.rollbackId} began with the workflow code ${choice.hash}, which is not (whole) in ` +
      `${bundlesDir(stateRoot, environment)}; nothing was done. Put it back there, or go on with the installation that it began with.`,
  );
}

/** A worker may be told twice, and refuses the second time. */
function shutdownOnce(worker: Worker): () => void {
  return () => {
    if (worker.getState() === 'RUNNING') worker.shutdown();
  };
}

/** Resolves when no rollback is under way any more, or the worker has ended. A server that does not answer is asked again. */
async function untilEnded(watched: {
  readonly client: Client;
  readonly options: WorkerOptions;
  readonly ended: AbortSignal;
}): Promise<void> {
  const { client, options, ended } = watched;
  while (!ended.aborted) {
    await wait(lookEveryMs, undefined, { signal: ended }).catch(() => undefined);
    const open = await openRollbackOf(client, options.stateRoot, options.environment).catch(() => 'unknown' as const);
    if (open === undefined) return;
  }
}

/** Written when the worker polls: `up` waits for it. */
function announce(options: WorkerOptions, taskQueue: string, bundleHash: string): void {
  const places = workerPlaces(options.stateRoot, options.environment);
  ensureDir(places.dir);
  const info: WorkerInfo = {
    format: 1,
    pid: process.pid,
    pidStart: processStart(process.pid) ?? 'unknown',
    environment: options.environment,
    taskQueue,
    address: options.address,
    namespace: options.namespace,
    bundleHash,
    startedAt: new Date().toISOString(),
    log: places.log,
  };
  writeFileDurably(places.info, `${JSON.stringify(info, null, 2)}\n`);
}
