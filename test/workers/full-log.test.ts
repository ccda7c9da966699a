import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { ensureBuild } from '../../setup/build.mjs';
import { livenessOf, startDaemon, stopDaemon } from '../../workers/daemon.ts';
import { ensureServer, stopServer } from '../../workers/embedded-server.ts';
import { serverPlaces } from '../../workers/places.ts';
import { pollUntil } from '../support/poll.ts';
import { canMount, withSmallDisk } from '../support/small-disk.ts';

const main = fileURLToPath(new URL('../../dist/workers/main.js', import.meta.url));

beforeAll(ensureBuild, 300_000);

describe.runIf(canMount)('a disk that is full under a log', () => {
  it('does not end the worker: it goes on trying, and says afterwards how much could not be written', async () => {
    await withSmallDisk(1, async (disk) => {
      await withServerThatHangsUp(async (address, calls) => {
        const stateRoot = mkdtempSync(join(tmpdir(), 'full-log-'));
        const log = join(disk.path, 'worker.log');
        disk.fill();
        const argv = [main, 'worker', '--environment', 'full', '--address', address, '--namespace', 'default'];
        const env = { ...process.env, ROLLBACK_STATE_DIR: stateRoot };
        const worker = startDaemon(process.execPath, argv, { log, logged: 'all', env });
        try {
          // Each failed attempt is a line in the log, with which it would have ended.
          await pollUntil('the worker to try again and again', calls, (n) => n >= 3 || livenessOf(worker) === 'gone');
          expect(livenessOf(worker)).toBe('running');
          expect(statSync(log).size).toBe(0);
          disk.free();
          const text = await pollUntil(
            'the log',
            () => readFileSync(log, 'utf8'),
            (now) => now.split('\n').length > 2,
          );
          expect(text).toMatch(/^\S+ [1-9]\d* lines could not be written here and are lost\.\n\S+ worker: /);
          expect(livenessOf(worker)).toBe('running');
        } finally {
          await stopDaemon(worker, 10_000);
          rmSync(stateRoot, { recursive: true, force: true });
        }
      });
    });
  });

  it('does not end the embedded server: it starts and answers without a log', async () => {
    await withSmallDisk(1, async (disk) => {
      const stateRoot = mkdtempSync(join(tmpdir(), 'full-log-'));
      const { log } = serverPlaces(stateRoot);
      mkdirSync(dirname(log), { recursive: true });
      symlinkSync(join(disk.path, 'server.log'), log);
      disk.fill();
      try {
        // It is up when its namespace answers.
        const { info } = await ensureServer(stateRoot);
        expect(statSync(log).size).toBe(0);
        disk.free();
        await stopServer(stateRoot);
        expect(livenessOf(info)).toBe('gone');
        // It has something to say, at its end for one: with space it is written.
        await ensureServer(stateRoot);
        await stopServer(stateRoot);
        expect(statSync(log).size).toBeGreaterThan(0);
      } finally {
        await stopServer(stateRoot);
        rmSync(stateRoot, { recursive: true, force: true });
      }
    });
  });
});

/** Counts who calls, and hangs up on all of them: what a worker can only write into its log. */
async function withServerThatHangsUp(use: (address: string, calls: () => number) => Promise<void>): Promise<void> {
  let calls = 0;
  const server = createServer((socket) => {
    calls += 1;
    socket.destroy();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('It listens on no port.');
  try {
    await use(`127.0.0.1:${address.port}`, () => calls);
  } finally {
    server.close();
  }
}
