import { parseArgs } from 'node:util';
import { defaultNamespace } from '../contract/ids.ts';
import type { Relief, ServerInfo, UpResult } from '../contract/processes.ts';
import type { Target } from '../target/schema.ts';
import { stateRootFrom } from '../vault/layout.ts';
import type { Versions } from '../vault/versions-file.ts';
import type { WorkerUp } from './ensure-worker.ts';
import { outliveLogFailures } from './worker-log.ts';

/**
 * The processes behind `rollback up`, `down` and `worker`. Usage:
 *   main.js up|down|worker --environment E [--address A --namespace N] [--all]
 *   main.js relieve, with a target in JSON as its standard input
 *   main.js keep-server, main.js keep-worker --environment E [--address A --namespace N]
 * `up`, `down` and `relieve` print one JSON object.
 */
const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    environment: { type: 'string' },
    address: { type: 'string' },
    namespace: { type: 'string' },
    server: { type: 'boolean' },
    json: { type: 'boolean' },
  },
});

const stateRoot = stateRootFrom(process.env);
outliveLogFailures();

async function main(): Promise<void> {
  switch (positionals[0]) {
    case 'up':
      return print(await up(required('environment', values.environment)));
    case 'down':
      return print(await down(values.environment, values.server === true));
    case 'worker':
      return worker(required('environment', values.environment));
    case 'relieve':
      return print(await relieveHere());
    case 'keep-server':
    case 'keep-worker':
      return keep(positionals[0]);
    default:
      throw new TypeError(
        `expected up, down, worker, relieve, keep-server or keep-worker, got ${JSON.stringify(positionals[0])}`,
      );
  }
}

/** With an address only the worker is ours; the server belongs to a team. */
async function up(environment: string): Promise<UpResult> {
  const { ensureServer } = await import('./embedded-server.ts');
  const { ensureWorker } = await import('./ensure-worker.ts');
  const { isSupervised } = await import('./supervised.ts');
  if (values.address !== undefined) {
    const configured = { address: values.address, namespace: values.namespace ?? defaultNamespace };
    const worker = await ensureWorker(stateRoot, environment, configured);
    return { server: { info: null, action: 'configured' }, worker, supervised: isSupervised(environment) };
  }
  // The worker loads while its server starts: between an emergency and its first stop lies nothing but this.
  const workers: Promise<WorkerUp>[] = [];
  const early = (info: ServerInfo): void => {
    const worker = ensureWorker(stateRoot, environment, info);
    // Awaited below, or told by the server's own failure.
    worker.catch(() => undefined);
    workers.push(worker);
  };
  const server = await ensureServer(stateRoot, early);
  const worker = await (workers.at(-1) ?? ensureWorker(stateRoot, environment, server.info));
  return { server, worker, supervised: isSupervised(environment) };
}

async function down(environment: string | undefined, alsoServer: boolean): Promise<object> {
  const { stopServer } = await import('./embedded-server.ts');
  const { stopWorker } = await import('./ensure-worker.ts');
  const worker = environment === undefined ? 'not-asked' : await stopWorker(stateRoot, environment);
  const server = alsoServer ? await stopServer(stateRoot) : 'left-running';
  return { worker, server };
}

async function worker(environment: string): Promise<void> {
  const address = required('address', values.address);
  const namespace = values.namespace ?? defaultNamespace;
  const { runWorker } = await import('./run-worker.ts');
  const { realWorld } = await import('./real-world.ts');
  const { allActivities } = await import('../activities/index.ts');
  const { bundleFile } = await import('./places.ts');
  const world = realWorld(stateRoot, `${address} (${namespace})`, process.env);
  const activities = (versions: Versions) => allActivities({ ...world, versions });
  await runWorker({ stateRoot, environment, address, namespace, activities, bundle: bundleFile });
}

/** The target comes over standard input: nothing may have to be read from a disk that is full, and no argument is that long. */
async function relieveHere(): Promise<Relief> {
  const { json } = await import('node:stream/consumers');
  const { relieve } = await import('./relieve.ts');
  const { realWorld } = await import('./real-world.ts');
  return await relieve(realWorld(stateRoot, 'none', process.env), (await json(process.stdin)) as Target);
}

/** For units of systemd: in the foreground until it is told to stop, or what it keeps has ended. */
async function keep(what: 'keep-server' | 'keep-worker'): Promise<void> {
  const stop = new AbortController();
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => stop.abort());
  const { keepServer, keepWorker } = await import('./keep.ts');
  const { address } = values;
  const outside =
    address === undefined ? {} : { outside: { address, namespace: values.namespace ?? defaultNamespace } };
  process.exitCode =
    what === 'keep-server'
      ? await keepServer(stateRoot, stop.signal)
      : await keepWorker(stateRoot, required('environment', values.environment), { stop: stop.signal, ...outside });
}

function required(name: string, value: string | undefined): string {
  if (value === undefined || value === '') throw new TypeError(`--${name} is missing`);
  return value;
}

function print(result: object): void {
  process.stdout.write(`${JSON.stringify(result)}\n`);
}

try {
  await main();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
