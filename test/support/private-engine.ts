import { spawn } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import Dockerode from 'dockerode';
import { processStart } from '../../vault/processes.ts';
import { pollUntil } from './poll.ts';

/** A Docker Engine of the test's own beside the machine's: another socket, another store, another network namespace. */
export interface PrivateEngine {
  /** Value of DOCKER_HOST. */
  readonly url: string;
  readonly engine: Dockerode;
}

/** Starts it, hands it over and ends it, by its pid alone; its store goes with it. */
export async function withPrivateEngine(use: (engine: PrivateEngine) => Promise<void>): Promise<void> {
  // Sockets have short names: a deep folder would be too long for one.
  const folder = mkdtempSync(join(tmpdir(), 'engine-'));
  const socketPath = join(folder, 'docker.sock');
  const log = join(folder, 'log');
  const out = openSync(log, 'w');
  const namespace = basename(folder);
  const argv = [
    ...['--host', `unix://${socketPath}`, '--data-root', join(folder, 'data'), '--exec-root', join(folder, 'exec')],
    ...['--pidfile', join(folder, 'pid'), '--bridge', 'none', '--iptables=false', '--storage-driver', 'vfs'],
    // Where containerd is a service of its own, both engines use it: each under its own names.
    ...['--containerd-namespace', namespace, '--containerd-plugins-namespace', `${namespace}-plugins`],
  ];
  // A network of its own: an engine without a bridge removes `docker0`, which is the machine's engine's.
  const child = spawn('unshare', ['--net', '--mount', 'dockerd', ...argv], {
    detached: true,
    stdio: ['ignore', out, out],
    env: { ...process.env, PATH: `${process.env['PATH']}:/usr/sbin:/sbin` },
  });
  // A missing dockerd shows below as one that does not live.
  child.once('error', () => undefined);
  closeSync(out);
  const pid = child.pid ?? 0;
  const started = processStart(pid);
  const lives = () => processStart(pid) === started && child.exitCode === null && child.signalCode === null;
  const engine = new Dockerode({ socketPath, timeout: 10_000 });
  try {
    await pollUntil(
      'the private engine to answer',
      async () => lives() && (await engine.ping().then(String, () => undefined)),
      (answer) => answer !== undefined,
    );
    if (!lives()) throw new Error(`The private engine ended at its start:\n${readFileSync(log, 'utf8').slice(-2_000)}`);
    await use({ url: `unix://${socketPath}`, engine });
  } finally {
    if (lives()) child.kill('SIGTERM');
    await pollUntil('the private engine to end', lives, (living) => !living);
    rmSync(folder, { recursive: true, force: true });
  }
}
