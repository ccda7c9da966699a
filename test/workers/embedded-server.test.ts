import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { livenessOf } from '../../workers/daemon.ts';
import { ensureServer, stopServer } from '../../workers/embedded-server.ts';
import { ownsPort } from '../../workers/port-owner.ts';

it('a server whose port another takes in the same moment starts on another one', async () => {
  const stateRoot = mkdtempSync(join(tmpdir(), 'server-test-'));
  const thieves: Server[] = [];
  try {
    const tried: string[] = [];
    const { info } = await ensureServer(stateRoot, ({ address }) => {
      tried.push(address);
      if (thieves.length === 0) thieves.push(createServer().listen(portOf(address), '127.0.0.1'));
    });
    expect(tried).toEqual([tried[0], info.address]);
    expect(tried[0]).not.toBe(info.address);
    expect(livenessOf(info)).toBe('running');
    expect(ownsPort(info.pid, portOf(info.address))).toBe(true);
  } finally {
    for (const thief of thieves) thief.close();
    await stopServer(stateRoot);
    rmSync(stateRoot, { recursive: true, force: true });
  }
}, 120_000);

it('who listens on a port is told by the process, not by somebody answering', async () => {
  const server = await listening();
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  expect(ownsPort(process.pid, port)).toBe(true);
  expect(ownsPort(process.ppid, port)).toBe(false);
  await new Promise((resolve) => server.close(resolve));
  expect(ownsPort(process.pid, port)).toBe(false);
});

function listening(): Promise<Server> {
  return new Promise((resolve) => {
    const server = createServer();
    server.listen(0, '127.0.0.1', () => resolve(server));
  });
}

function portOf(address: string): number {
  return Number(address.slice(address.lastIndexOf(':') + 1));
}
