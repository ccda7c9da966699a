import { spawn } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync } from 'node:fs';
import { join } from 'node:path';
import type Docker from 'dockerode';
import { labDocker } from './docker.ts';
import { type EnginePlace, removePlace, reservePlace, sweepPlaces } from './engine-places.ts';
import { endAll, isAlive, processesOf, signal } from './engine-processes.ts';
import { until } from './until.ts';

/**
 * A Docker Engine of a lab's own, to be killed, frozen and switched off: the engine of this machine is others' as well.
 * It shares with that one the kernel only; containers reach each other and loopback, and nothing else.
 */
export interface PrivateEngine {
  /** Value of DOCKER_HOST. */
  readonly dockerHost: string;
  readonly docker: Docker;
  /** Addresses for a network on it, CIDR: only what is inside may talk to each other. */
  readonly subnet: string;
  readonly pid: () => number | undefined;
  /** SIGKILL to the engine alone: its containers go on until it is started again. */
  kill(): Promise<void>;
  /** SIGSTOP: it takes calls and answers none. */
  freeze(): void;
  thaw(): void;
  /** What a power cut is: engine and containers are gone at once. */
  powerOff(): Promise<void>;
  /** In order, as a service manager does it: SIGTERM, and up again. */
  restart(): Promise<void>;
  /** Starts it where it does not run, and waits until it answers. */
  start(): Promise<void>;
  /** Takes it away with all that it holds. */
  remove(): Promise<void>;
}

const startMs = 90_000;

/**
 * Makes and starts one; those of dead makers are removed first.
 * @throws Error where there is no dockerd, or this account is not root
 */
export async function createPrivateEngine(): Promise<PrivateEngine> {
  if (process.getuid?.() !== 0) throw new Error('An engine of its own needs root: this account may not start one.');
  await sweepPlaces();
  const place = await reservePlace();
  const engine = engineAt(place);
  try {
    await engine.start();
    return engine;
  } catch (error) {
    await engine.remove();
    throw error;
  }
}

function engineAt(place: EnginePlace): PrivateEngine {
  const end = async (how: 'SIGKILL' | 'SIGTERM'): Promise<void> => {
    const victim = pid();
    if (victim === undefined) return;
    signal(victim, how);
    await until('the engine to be gone', async () => !isAlive(victim) || undefined, { deadlineMs: startMs });
  };
  const dockerHost = `unix://${place.socket}`;
  const docker = labDocker(dockerHost);
  const pid = () => processesOf(place.folder).find(({ name }) => name === 'dockerd')?.pid;
  return {
    dockerHost,
    docker,
    subnet: place.subnet,
    pid,
    kill: () => end('SIGKILL'),
    freeze: () => signal(pid() ?? 0, 'SIGSTOP'),
    thaw: () => signal(pid() ?? 0, 'SIGCONT'),
    powerOff: () => endAll(place.folder),
    async restart() {
      await end('SIGTERM');
      await start();
    },
    start,
    remove: () => removePlace(place),
  };

  async function start(): Promise<void> {
    const ended = pid() === undefined ? startDaemon(place) : () => false;
    await until(
      `the private engine to answer (its log: ${join(place.folder, 'dockerd.log')})`,
      async () => {
        if (ended()) startDaemon(place);
        await docker.ping();
        return true;
      },
      { deadlineMs: startMs, everyMs: 100 },
    );
  }
}

/** @returns whether it has ended by itself */
function startDaemon({ folder, socket, bridge }: EnginePlace): () => boolean {
  mkdirSync(folder, { recursive: true });
  const out = openSync(join(folder, 'dockerd.log'), 'a');
  const argv = [
    ...['--host', `unix://${socket}`, '--pidfile', join(folder, 'docker.pid')],
    ...['--data-root', join(folder, 'data'), '--exec-root', join(folder, 'exec')],
    // With "none", and with a pool of addresses of its own, it takes docker0 away from the engine of this machine (seen
    // with 20.10): a bridge of its own, and its networks name their addresses.
    ...['--bridge', bridge],
    // The rules of this machine's engine are left alone; ports on loopback need none.
    ...['--iptables=false', '--ip6tables=false', '--ip-forward=false', '--ip-masq=false'],
  ];
  try {
    const env = { ...process.env, PATH: `${process.env['PATH'] ?? ''}:/usr/local/sbin:/usr/sbin:/sbin` };
    const child = spawn('dockerd', argv, { detached: true, stdio: ['ignore', out, out], cwd: '/', env });
    let ended = false;
    child.once('error', () => {
      ended = true;
    });
    child.once('exit', () => {
      ended = true;
    });
    child.unref();
    return () => ended;
  } finally {
    closeSync(out);
  }
}

/** Whether that endpoint is, or was, a private engine that is gone with all it held. */
export function isGoneEngine(dockerHost: string | null): boolean {
  if (dockerHost === null || !dockerHost.includes('/.engines/')) return false;
  return !existsSync(dockerHost.slice('unix://'.length, dockerHost.lastIndexOf('/')));
}
