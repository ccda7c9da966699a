import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Relief, UpResult } from '../contract/processes.ts';
import type { Target } from '../target/schema.ts';
import { ClientFailure } from './failures.ts';
import { parseRelief, parseUp } from './process-files.ts';

/** The built entry point of the processes; the client starts it and never loads it (border in biome.json). */
export const workersMain = fileURLToPath(new URL('../workers/main.js', import.meta.url));

/** A server that is not ours, whose worker runs here. */
export interface OutsideServer {
  readonly address: string;
  readonly namespace: string;
}

/**
 * Starts or adopts the embedded server and the worker of an environment; with an outside server the worker alone.
 * @throws ClientFailure `missing` with what the processes said
 */
export async function bringUp(stateRoot: string, environment: string, outside?: OutsideServer): Promise<UpResult> {
  const more = outside === undefined ? [] : ['--address', outside.address, '--namespace', outside.namespace];
  return parseUp(await runWorkers(stateRoot, ['up', '--environment', environment, '--json', ...more]));
}

/** Ends worker and, with `server`, the embedded server. @returns what became of each */
export async function takeDown(
  stateRoot: string,
  what: { readonly environment?: string; readonly server: boolean },
): Promise<unknown> {
  const environment = what.environment === undefined ? [] : ['--environment', what.environment];
  const server = what.server ? ['--server'] : [];
  return JSON.parse(await runWorkers(stateRoot, ['down', ...environment, ...server, '--json']));
}

/** Pauses the experiment of a target and gives up the ballast: needs neither server nor worker, nor space. */
export async function runRelief(stateRoot: string, target: Target): Promise<Relief> {
  return parseRelief(await runWorkers(stateRoot, ['relieve'], JSON.stringify(target)));
}

/** Runs a worker in the foreground until it is told to stop. @returns its exit code */
export async function runWorkerHere(stateRoot: string, environment: string, server: OutsideServer): Promise<number> {
  const args = ['worker', '--environment', environment, '--address', server.address, '--namespace', server.namespace];
  const child = startWorkers(stateRoot, args, 'inherit');
  // The worker gets the terminal's signals itself and ends in its own time; we only pass on what comes to us alone.
  process.on('SIGINT', () => undefined);
  process.on('SIGTERM', () => child.kill('SIGTERM'));
  await once(child, 'close');
  return child.exitCode ?? 1;
}

async function runWorkers(stateRoot: string, args: readonly string[], input = ''): Promise<string> {
  const child = startWorkers(stateRoot, args, 'pipe');
  child.stdin?.on('error', () => undefined).end(input);
  const stdout: Buffer[] = [];
  const stderr: Buffer[] = [];
  child.stdout?.on('data', (chunk: Buffer) => stdout.push(chunk));
  child.stderr?.on('data', (chunk: Buffer) => stderr.push(chunk));
  await once(child, 'close');
  if (child.exitCode === 0) return Buffer.concat(stdout).toString('utf8');
  const said = Buffer.concat(stderr).toString('utf8').trim().split('\n').filter(Boolean).slice(-5);
  throw new ClientFailure('missing', `The embedded processes could not be brought ${args[0] ?? ''}.`, {
    details: said,
    next: ['rollback doctor says what is missing on this machine.'],
  });
}

function startWorkers(stateRoot: string, args: readonly string[], stdio: 'pipe' | 'inherit') {
  if (!existsSync(workersMain)) {
    throw new ClientFailure('missing', `${workersMain} is not built; nothing was started.`, {
      next: ['npm run build'],
    });
  }
  const env = { ...process.env, ROLLBACK_STATE_DIR: stateRoot };
  // A process group of its own: Ctrl-C at the terminal ends the client only.
  return spawn(process.execPath, [workersMain, ...args], {
    env,
    stdio: [stdio === 'pipe' ? 'pipe' : 'ignore', stdio, stdio],
    detached: stdio === 'pipe',
  });
}
