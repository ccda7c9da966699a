import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa, type ResultPromise } from 'execa';
import { beforeAll, expect, it } from 'vitest';
import { ensureBuild } from '../../setup/build.mjs';
import { processStart } from '../../vault/processes.ts';
import { livenessOf } from '../../workers/daemon.ts';
import { readServerInfo, stopServer } from '../../workers/embedded-server.ts';
import { readWorkerInfo, stopWorker } from '../../workers/ensure-worker.ts';
import { pollUntil } from '../support/poll.ts';

const main = fileURLToPath(new URL('../../dist/workers/main.js', import.meta.url));
const environment = 'kept';

beforeAll(ensureBuild, 300_000);

/** What the units run: each in the foreground, ending when what it keeps has ended. */
it('a unit ends with failure when its process was killed, so that systemd starts it again; told to stop it ends well', async () => {
  await withState(async (stateRoot, keep) => {
    const server = keep('keep-server');
    const worker = keep('keep-worker', '--environment', environment);
    const first = await pollUntil(
      'the worker',
      () => readWorkerInfo(stateRoot, environment),
      (info) => info !== undefined,
    );
    if (first === undefined) throw new Error('There is no worker.');

    process.kill(first.pid, 'SIGKILL');
    expect((await worker).exitCode).toBe(1);
    const again = keep('keep-worker', '--environment', environment);
    const second = await pollUntil(
      'the next worker',
      () => readWorkerInfo(stateRoot, environment),
      (info) => info !== undefined && info.pid !== first.pid,
    );
    again.kill('SIGTERM');
    expect((await again).exitCode).toBe(0);
    expect(second && livenessOf(second)).toBe('gone');

    const info = readServerInfo(stateRoot);
    if (info === undefined) throw new Error('There is no server.');
    expect(livenessOf(info)).toBe('running');
    process.kill(info.pid, 'SIGKILL');
    expect((await server).exitCode).toBe(1);
  });
}, 120_000);

it('a unit adopts the server that "rollback up" has started, and starts no second one', async () => {
  await withState(async (stateRoot, keep) => {
    const up = await keep('up', '--environment', environment, '--json');
    expect(up.exitCode, String(up.stderr)).toBe(0);
    const before = readServerInfo(stateRoot);
    const server = keep('keep-server');
    await pollUntil(
      'the unit to stay',
      () => said.get(server) ?? '',
      (text) => text.includes(`pid ${before?.pid}`),
    );
    expect(readServerInfo(stateRoot)).toEqual(before);
    server.kill('SIGTERM');
    expect((await server).exitCode).toBe(0);
    expect(before && livenessOf(before)).toBe('gone');
  });
}, 120_000);

type Kept = ResultPromise<{ reject: false; stdin: 'ignore' }>;

const said = new Map<Kept, string>();

async function withState(
  use: (stateRoot: string, keep: (...args: readonly string[]) => Kept) => Promise<void>,
): Promise<void> {
  const stateRoot = mkdtempSync(join(tmpdir(), 'keep-test-'));
  const started: Kept[] = [];
  const keep = (...args: readonly string[]): Kept => {
    const child = execa(process.execPath, [main, ...args], {
      env: { ROLLBACK_STATE_DIR: stateRoot, TEMPORAL_ADDRESS: undefined },
      stdin: 'ignore',
      reject: false,
      timeout: 100_000,
    });
    child.stderr?.on('data', (chunk: Buffer) => said.set(child, (said.get(child) ?? '') + chunk.toString('utf8')));
    started.push(child);
    return child;
  };
  try {
    await use(stateRoot, keep);
  } finally {
    for (const child of started) {
      if (child.pid !== undefined && processStart(child.pid) !== undefined) child.kill('SIGKILL');
    }
    await stopWorker(stateRoot, environment);
    await stopServer(stateRoot);
    rmSync(stateRoot, { recursive: true, force: true });
  }
}
