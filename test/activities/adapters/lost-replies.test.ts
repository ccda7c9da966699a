import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { makeDocker } from '../../../activities/adapters/docker.ts';
import { resolveEndpoint } from '../../../activities/adapters/endpoint.ts';
import type { Docker } from '../../../activities/kernel/world.ts';
import { type EngineEvents, listen } from '../../end-to-end/support/engine-events.ts';
import { type Fault, type SocketProxy, socketProxy } from '../../support/socket-proxy.ts';
import { type TestContainers, testContainers, until } from '../support/containers.ts';

vi.setConfig({ testTimeout: 300_000 });

/** A real engine behind a way that fails; the witness goes another way. */
let made: TestContainers;
let proxy: SocketProxy;
let witness: EngineEvents;
/** Through the proxy. */
let docker: Docker;
/** The same with deadlines that a test can wait for. */
let hasty: Docker;
let straight: Docker;

beforeEach(async () => {
  made = await testContainers();
  proxy = await socketProxy();
  witness = await listen(made.engine);
  const endpoint = resolveEndpoint({ DOCKER_HOST: proxy.url });
  docker = makeDocker(endpoint);
  hasty = makeDocker(endpoint, { readMs: 1_000, changeMs: 1_500, startMs: 2_500 });
  straight = makeDocker(resolveEndpoint(process.env));
});
afterEach(async () => {
  witness.close();
  await proxy.close();
  await made.removeAll();
});

interface Change {
  readonly request: RegExp;
  /** Brings a running container to where the change can be made. */
  readonly first?: (id: string) => Promise<unknown>;
  readonly send: (by: Docker, id: string) => Promise<unknown>;
  readonly event: string;
  readonly is: string;
}

const changes: Readonly<Record<string, Change>> = {
  pause: { request: /POST .*\/pause/, send: (by, id) => by.pause(id), event: 'pause', is: 'paused' },
  unpause: {
    request: /POST .*\/unpause/,
    first: (id) => straight.pause(id),
    send: (by, id) => by.unpause(id),
    event: 'unpause',
    is: 'running',
  },
  stop: { request: /POST .*\/stop/, send: (by, id) => by.stop(id, 1), event: 'die', is: 'exited' },
  kill: { request: /POST .*\/kill/, send: (by, id) => by.kill(id), event: 'die', is: 'exited' },
  start: {
    request: /POST .*\/start/,
    first: (id) => straight.kill(id),
    send: (by, id) => by.start(id),
    event: 'start',
    is: 'running',
  },
};

/** How often the engine did that to the container since the test last asked. */
async function done(id: string, event: string, from: number): Promise<number> {
  await until(`the engine to tell of ${event}`, async () => of(id, event, from) > 0);
  return of(id, event, from);
}

function of(id: string, event: string, from: number): number {
  return witness.seen.slice(from).filter((one) => one.id === id && one.action === event).length;
}

async function stateOf(id: string): Promise<string | undefined> {
  return (await straight.inspect(id))?.state;
}

/** Makes the change once in vain and once more, and says what the engine saw of it. */
async function twice(change: Change, fault: Fault) {
  const { request, first, send, event, is } = change;
  const { id } = await made.make();
  await first?.(id);
  const [from, before] = [witness.seen.length, await stateOf(id)];
  proxy.break(request, fault);
  const heard = fault.kind === 'lose-reply' || fault.kind === 'hold-reply';
  const endless = fault.kind === 'hang' || fault.kind === 'hold-reply';
  await expect(send(endless ? hasty : docker, id)).rejects.toMatchObject({ kind: 'docker-unavailable' });
  if (heard) await until('the engine to have carried it out', async () => (await stateOf(id)) === is);
  else expect(await stateOf(id)).toBe(before);
  const second = await send(docker, id);
  expect(await stateOf(id)).toBe(is);
  return { second, times: await done(id, event, from), hit: proxy.hit.length };
}

describe.each(Object.entries(changes))('%s', (_, change) => {
  it('is not done twice when its reply is lost', async () => {
    expect(await twice(change, { kind: 'lose-reply' })).toEqual({ second: 'already', times: 1, hit: 1 });
  });

  it('is done by the second call when the engine never heard of the first', async () => {
    expect(await twice(change, { kind: 'refuse' })).toEqual({ second: 'done', times: 1, hit: 1 });
  });
});

describe('a call that nobody answers', () => {
  it.each(['hang', 'hold-reply'] as const)('is given up at its deadline: %s', async (kind) => {
    for (const name of ['pause', 'stop', 'start']) {
      const change = changes[name];
      if (change === undefined) throw new Error(`${name} is no change`);
      const { second, times } = await twice(change, { kind });
      expect([name, second, times]).toEqual([name, kind === 'hang' ? 'done' : 'already', 1]);
    }
    expect(proxy.hit).toHaveLength(3);
  });
});

describe('an answer', () => {
  it('that ends in the middle is none, whatever it began with', async () => {
    const { id } = await made.make();
    for (const [request, ask] of [
      [/GET .*\/json$/, () => hasty.inspect(id)],
      [/GET \/containers\/json/, () => hasty.list()],
      [/GET \/info/, () => hasty.info()],
    ] as const) {
      for (const afterBytes of [0, 100]) {
        proxy.break(request, { kind: 'cut', afterBytes });
        await expect(ask()).rejects.toMatchObject({ kind: 'docker-unavailable' });
      }
    }
    expect(proxy.hit).toHaveLength(6);
  });

  it('with half a log is a failure and not a short log', async () => {
    const script = "for (let i = 0; i < 3000; i++) console.log('line ' + i); console.log('last words')";
    const { id } = await made.make({ script });
    const read = async (from: Docker) => {
      const parts: Buffer[] = [];
      for await (const { bytes } of from.logs(id, {})) parts.push(bytes);
      return Buffer.concat(parts).toString();
    };
    await until('all lines', async () => (await read(straight)).includes('last words'));
    for (const afterBytes of [5, 8, 20_000]) {
      proxy.break(/GET .*\/logs/, { kind: 'cut', afterBytes });
      await expect(read(docker)).rejects.toMatchObject({ kind: 'docker-unavailable' });
    }
    expect(await read(docker)).toBe(await read(straight));
  });

  it('of events that ends without a word ends the listening, and does not hang', async () => {
    const since = new Date().toISOString();
    await made.make();
    proxy.break(/GET \/events/, { kind: 'cut', afterBytes: 700 });
    const listening = (async () => {
      for await (const { action } of docker.events({ since })) expect(action).not.toBe('');
    })();
    await expect(listening).rejects.toMatchObject({ kind: 'docker-unavailable' });
  });
});
