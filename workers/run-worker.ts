import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { setTimeout as wait } from 'node:timers/promises';
import { NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { allActivities } from '../activities/index.ts';
import type { World } from '../activities/kernel/world.ts';
import { taskQueueOf } from '../contract/ids.ts';
import type { WorkerInfo } from '../contract/processes.ts';
import { writeFileDurably } from '../vault/durable-file.ts';
import { ensureDir } from '../vault/layout.ts';
import { processStart } from '../vault/processes.ts';
import { bundleFile, workerPlaces } from './places.ts';
import { temporalLogger } from './temporal-logger.ts';
import { logLine } from './worker-log.ts';

export interface WorkerOptions {
  readonly stateRoot: string;
  readonly environment: string;
  readonly address: string;
  readonly namespace: string;
  readonly world: World;
}

/** Between two tries to reach a server that went away. */
const reconnectMs = 1_000;

/** Runs the worker of one environment until SIGTERM or SIGINT; a server that goes away is waited for. */
export async function runWorker(options: WorkerOptions): Promise<void> {
  // The native side is told to hand its messages over: what it prints itself cannot be kept from failing.
  Runtime.install({ shutdownSignals: [], logger: temporalLogger(), telemetryOptions: { logging: { forward: {} } } });
  const stop = new AbortController();
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => stop.abort());
  while (!stop.signal.aborted) {
    try {
      await workOnce(options, stop.signal);
    } catch (error) {
      logLine(`worker: ${error instanceof Error ? error.message : String(error)}`);
      await wait(reconnectMs, undefined, { signal: stop.signal }).catch(() => undefined);
    }
  }
}

async function workOnce(options: WorkerOptions, stop: AbortSignal): Promise<void> {
  const connection = await NativeConnection.connect({ address: options.address });
  try {
    const taskQueue = taskQueueOf(options.environment, hostname());
    const worker = await Worker.create({
      connection,
      namespace: options.namespace,
      taskQueue,
      workflowBundle: { codePath: bundleFile },
      activities: allActivities(options.world),
      // A step at work may finish; what does not is found again by its successor.
      shutdownGraceTime: '5s',
      maxConcurrentActivityTaskExecutions: 16,
      // Cancelling reaches an act through the answer to its heartbeat: no later than this.
      maxHeartbeatThrottleInterval: '2s',
      // What a killed worker had in its cache waits this long for it before its successor gets it.
      stickyQueueScheduleToStartTimeout: '2s',
    });
    const running = worker.run();
    announce(options, taskQueue);
    stop.addEventListener('abort', () => worker.shutdown(), { once: true });
    if (stop.aborted) worker.shutdown();
    await running;
  } finally {
    await connection.close();
  }
}

/** Written when the worker polls: `up` waits for it. */
function announce(options: WorkerOptions, taskQueue: string): void {
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
    bundleHash: createHash('sha256').update(readFileSync(bundleFile)).digest('hex'),
    startedAt: new Date().toISOString(),
    log: places.log,
  };
  writeFileDurably(places.info, `${JSON.stringify(info, null, 2)}\n`);
}
