import { setTimeout as wait } from 'node:timers/promises';
import type { Daemon } from './daemon.ts';
import { livenessOf, until } from './daemon.ts';
import { ensureServer, readServerInfo, stopServer } from './embedded-server.ts';
import { ensureWorker, stopWorker } from './ensure-worker.ts';

/** For service managers: a process in the foreground that ends when what it keeps has ended. */

const lookEveryMs = 500;
const serverDeadlineMs = 60_000;

/**
 * Starts or adopts the embedded server and stays with it.
 * @returns exit code: 0 when it was told to stop, 1 when the server has gone (the service manager starts us again)
 */
export async function keepServer(stateRoot: string, stop: AbortSignal): Promise<number> {
  const { info } = await ensureServer(stateRoot);
  return stayWith('server', info, stop, () => stopServer(stateRoot));
}

/** The same for the worker of an environment. Without a server given, it works for the embedded one, once that is there. */
export async function keepWorker(
  stateRoot: string,
  environment: string,
  { stop, outside }: { readonly stop: AbortSignal; readonly outside?: Address },
): Promise<number> {
  const server = outside ?? (await embeddedServer(stateRoot, stop));
  if (server === undefined) return stop.aborted ? 0 : 1;
  const { info } = await ensureWorker(stateRoot, environment, server);
  return stayWith(`worker of ${environment}`, info, stop, () => stopWorker(stateRoot, environment));
}

interface Address {
  readonly address: string;
  readonly namespace: string;
}

/** The server has a unit of its own: started from here it would end with this worker. */
async function embeddedServer(stateRoot: string, stop: AbortSignal): Promise<Address | undefined> {
  const lives = () => {
    const info = readServerInfo(stateRoot);
    return info !== undefined && livenessOf(info) === 'running';
  };
  const there = await until(() => stop.aborted || lives(), serverDeadlineMs);
  if (stop.aborted) return;
  if (!there) say(`the embedded server does not run after ${serverDeadlineMs / 1000} s; its unit should start it`);
  return there ? readServerInfo(stateRoot) : undefined;
}

async function stayWith(what: string, daemon: Daemon, stop: AbortSignal, end: () => Promise<unknown>): Promise<number> {
  say(`${what} runs, pid ${daemon.pid}`);
  while (!stop.aborted && livenessOf(daemon) !== 'gone') {
    await wait(lookEveryMs, undefined, { signal: stop }).catch(ignoreAbort);
  }
  if (!stop.aborted) {
    say(`${what} (pid ${daemon.pid}) has gone`);
    return 1;
  }
  await end();
  return 0;
}

function ignoreAbort(error: unknown): void {
  if (!(error instanceof Error && error.name === 'AbortError')) throw error;
}

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}
