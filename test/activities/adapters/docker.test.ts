import { AsyncLocalStorage } from 'node:async_hooks';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeDocker } from '../../../activities/adapters/docker.ts';
import { resolveEndpoint } from '../../../activities/adapters/endpoint.ts';
import type { EngineEvent } from '../../../activities/kernel/world.ts';
import { type TestContainers, testContainers, until } from '../support/containers.ts';

const docker = makeDocker(resolveEndpoint(process.env));
let made: TestContainers;

beforeAll(async () => {
  made = await testContainers();
});
afterAll(() => made.removeAll());

async function stateOf(id: string) {
  return (await docker.inspect(id))?.state;
}

describe('the engine', () => {
  it('pauses and unpauses once, and says already the second time', async () => {
    const { id } = await made.make();
    expect([await docker.pause(id), await docker.pause(id), await stateOf(id)]).toEqual(['done', 'already', 'paused']);
    expect([await docker.unpause(id), await docker.unpause(id), await stateOf(id)]).toEqual([
      'done',
      'already',
      'running',
    ]);
  });

  it('stops, starts and kills once, and says already the second time', async () => {
    const { id } = await made.make();
    expect([await docker.stop(id, 1), await docker.stop(id, 1), await stateOf(id)]).toEqual([
      'done',
      'already',
      'exited',
    ]);
    expect([await docker.start(id), await docker.start(id), await stateOf(id)]).toEqual(['done', 'already', 'running']);
    expect([await docker.kill(id), await docker.kill(id), await stateOf(id)]).toEqual(['done', 'already', 'exited']);
  });

  it('kills a paused container without letting it run on', async () => {
    const { id } = await made.make({ script: "process.on('SIGCONT', () => console.log('ran on'))" });
    await docker.pause(id);
    expect(await docker.kill(id)).toBe('done');
    await until('the container to be dead', async () => (await stateOf(id)) === 'exited');
    expect((await docker.inspect(id))?.exitCode).toBe(137);
  });

  it('sets the restart policy of a running and of a paused container', async () => {
    const { id } = await made.make({ host: { RestartPolicy: { Name: 'always' } } });
    await docker.pause(id);
    await docker.setRestartPolicy(id, { name: 'no', maximumRetryCount: 0 });
    expect((await docker.inspect(id))?.restartPolicy).toEqual({ name: 'no', maximumRetryCount: 0 });
    await docker.setRestartPolicy(id, { name: 'on-failure', maximumRetryCount: 4 });
    expect((await docker.inspect(id))?.restartPolicy).toEqual({ name: 'on-failure', maximumRetryCount: 4 });
    expect(await stateOf(id)).toBe('paused');
  });

  it('counts a container that is gone as stopped, but cannot start or pause it', async () => {
    const nobody = 'f'.repeat(64);
    expect(await docker.inspect(nobody)).toBeUndefined();
    expect([await docker.stop(nobody, 1), await docker.kill(nobody)]).toEqual(['already', 'already']);
    await expect(docker.start(nobody)).rejects.toMatchObject({ kind: 'docker-refused', data: { statusCode: 404 } });
    await expect(docker.pause(nobody)).rejects.toMatchObject({ kind: 'docker-refused' });
  });

  it('cuts a paused container from its network and joins it again under its names', async () => {
    const network = await made.engine.createNetwork({ Name: `${made.tag}-net` });
    made.later(() => network.remove());
    const { id } = await made.make({ host: { NetworkMode: network.id } });
    await docker.pause(id);
    expect([await docker.disconnect(network.id, id), await docker.disconnect(network.id, id)]).toEqual([
      'done',
      'already',
    ]);
    expect((await docker.inspect(id))?.networkIds).toEqual([]);
    expect(await docker.connect(network.id, id, ['alias'])).toBe('done');
    expect(await docker.connect(network.id, id, ['alias'])).toBe('already');
    expect((await docker.inspect(id))?.networkIds).toEqual([network.id]);
    await docker.kill(id);
  });

  it('streams the logs of both kinds of container, also stopped ones, and goes on where it was', async () => {
    const script = "for (let i = 0; i < 5000; i++) console.log('line ' + i); console.error('last words')";
    for (const tty of [false, true]) {
      const { id } = await made.make({ script, tty });
      await until('all lines', async () => (await logOf(id)).includes('last words'));
      await docker.stop(id, 5);
      const log = await logOf(id);
      const lines = log.trim().split('\n');
      expect(lines).toHaveLength(5001);
      // Two pipes: which of the last lines the engine reads first is not promised.
      expect(lines.slice(-3).join('\n')).toMatch(/^\d{4}-\d\d-\d\dT\S+Z line 4999/m);
      const last = lines.at(-1) ?? '';
      const later = (await logOf(id, last.split(' ')[0])).trim().split('\n');
      expect(later.at(-1)).toBe(last);
      expect(later.length).toBeLessThan(5);
    }
  });

  it('ends a log on abort without an error', async () => {
    const { id } = await made.make({ script: "console.log('x'.repeat(200000))" });
    await until('output', async () => (await logOf(id)).length > 200_000);
    const abort = new AbortController();
    let bytes = 0;
    for await (const chunk of docker.logs(id, { signal: abort.signal })) {
      bytes += chunk.bytes.length;
      abort.abort();
    }
    expect(bytes).toBeLessThan(200_000);
  });

  it('measures a running container and nothing of a stopped one', async () => {
    const { id } = await made.make();
    const stats = await docker.stats(id);
    expect(stats?.memoryBytes).toBeGreaterThan(1_000_000);
    expect(stats?.cpuPercent).toBeGreaterThanOrEqual(0);
    await docker.kill(id);
    expect(await docker.stats(id)).toBeUndefined();
  });

  it('keeps a writable layer under a tag and names its image id', async () => {
    const { id } = await made.make({ script: "require('fs').writeFileSync('/tmp/kept', 'x')" });
    await until('the file', async () => JSON.stringify(await docker.changes(id)).includes('/tmp/kept'));
    const kept = await docker.commit(id, `durable-rollback/${made.tag}`, 'kept');
    made.later(() => made.engine.getImage(kept).remove());
    expect(await docker.imageId(`durable-rollback/${made.tag}:kept`)).toBe(kept);
    expect(await docker.imageId(`durable-rollback/${made.tag}:none`)).toBeUndefined();
    expect(await docker.changes(id)).toContainEqual({ Path: '/tmp/kept', Kind: 1 });
  });

  it('reads a path of a stopped container as a tar stream', async () => {
    const { id } = await made.make({ script: "require('fs').writeFileSync('/tmp/result.txt', 'forty-two')" });
    await until('the file', async () => JSON.stringify(await docker.changes(id)).includes('result.txt'));
    await docker.kill(id);
    const parts: Buffer[] = [];
    for await (const part of await docker.archive(id, '/tmp/result.txt')) parts.push(part);
    expect(Buffer.concat(parts).toString('latin1')).toContain('forty-two');
    await expect(docker.archive(id, '/nowhere')).rejects.toMatchObject({ data: { statusCode: 404 } });
  });

  it('tells its events from an instant on and ends on abort', async () => {
    const since = new Date().toISOString();
    const { id } = await made.make();
    const abort = new AbortController();
    const seen: EngineEvent[] = [];
    for await (const event of docker.events({ since, signal: abort.signal })) {
      if (event.id !== id) continue;
      seen.push(event);
      if (event.action === 'start') await docker.kill(id);
      if (event.action === 'die') abort.abort();
    }
    expect(seen.map((event) => event.action)).toEqual(['create', 'start', 'kill', 'die']);
    expect(seen[0]?.labels['durable-rollback.test']).toBe(made.tag);
    expect(seen[0]?.timeNano).toMatch(/^\d{19}$/);
  });

  it('lists containers with name, labels and state', async () => {
    const { id } = await made.make({ name: `${made.tag}-listed`, started: false });
    expect((await docker.list()).find((one) => one.id === id)).toMatchObject({
      name: `${made.tag}-listed`,
      state: 'created',
      labels: { 'durable-rollback.test': made.tag },
    });
    expect((await docker.info()).daemonId).not.toBe('');
  });
});

describe('an engine that is not there or hangs', () => {
  it('is unavailable when nothing listens', async () => {
    const nowhere = makeDocker({
      url: 'unix:///nowhere/docker.sock',
      socketPath: '/nowhere/docker.sock',
      from: 'test',
    });
    await expect(nowhere.list()).rejects.toMatchObject({ kind: 'docker-unavailable' });
    await expect(nowhere.stop('x', 1)).rejects.toMatchObject({ kind: 'docker-unavailable' });
  });

  it('is given up at the deadline when it never answers', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'silent-'));
    const socketPath = join(folder, 'docker.sock');
    const silent = createServer((socket) => socket.on('error', () => undefined));
    await new Promise<void>((resolve) => silent.listen(socketPath, resolve));
    const hung = makeDocker({ url: `unix://${socketPath}`, socketPath, from: 'test' }, { readMs: 50 });
    await expect(hung.list()).rejects.toMatchObject({ kind: 'docker-unavailable' });
    await expect(hung.inspect('x')).rejects.toMatchObject({ kind: 'docker-unavailable' });
    silent.close();
    rmSync(folder, { recursive: true });
  });
});

async function logOf(id: string, since?: string): Promise<string> {
  const parts: Buffer[] = [];
  for await (const chunk of docker.logs(id, since === undefined ? {} : { since })) parts.push(chunk.bytes);
  return Buffer.concat(parts).toString('utf8');
}

it('shows nothing of this process to the client, which prints its options before each call', async () => {
  const { id } = await made.make();
  const abort = new AbortController();
  let looked = 0;
  // Whatever the process holds beside a call hangs on its sockets; in a worker that is everything there is.
  const everything = {
    [inspect.custom]() {
      looked += 1;
      return 'everything';
    },
  };
  await new AsyncLocalStorage<object>().run(everything, async () => {
    const events = docker.events({ signal: abort.signal });
    const next = events[Symbol.asyncIterator]().next();
    await docker.pause(id);
    expect((await next).done).toBe(false);
    await docker.inspect(id);
  });
  abort.abort();
  expect(looked).toBe(0);
});
