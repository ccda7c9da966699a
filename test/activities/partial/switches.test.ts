import { chmodSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { setSwitches, takeBackSwitches } from '../../../activities/partial/set-switches.ts';
import type { SwitchOf } from '../../../activities/partial/switches/switch-kind.ts';
import { type TestSystems, testSystems } from '../support/systems.ts';

const noNetwork = { NetworkMode: 'none' } as const;

let systems: TestSystems;

beforeEach(async () => {
  systems = await testSystems();
});

afterEach(() => systems.close());

const room = (key: string) => systems.test.again({ key });

describe('a key in a file', () => {
  it('is set, its readers are restarted under the same id, and it is taken back to the byte', async () => {
    const reader = await systems.service('experiment', { host: noNetwork, stopTimeoutS: 3 });
    const file = join(systems.test.repository, 'router.env');
    const text = '# traffic\nROUTE=both\n';
    writeFileSync(file, text);
    chmodSync(file, 0o640);
    const what: SwitchOf<'file'> = {
      kind: 'file',
      name: 'route',
      file,
      format: 'env',
      key: 'ROUTE',
      value: 'stable',
      restart: ['experiment'],
      reload: { command: ['sh', '-c', 'echo reloaded >> reloads.txt'], timeoutMs: 10_000 },
    };
    const before = await systems.made.engine.getContainer(reader).inspect();

    const set = await setSwitches(await room('partial.switchLimiter'), [what]);
    expect(set.outcome).toBe('done');
    expect(readFileSync(file, 'utf8')).toBe('# traffic\nROUTE=stable\n');
    expect(statSync(file).mode & 0o777).toBe(0o640);
    const after = await systems.made.engine.getContainer(reader).inspect();
    expect(after.State.Running).toBe(true);
    expect(Date.parse(after.State.StartedAt)).toBeGreaterThan(Date.parse(before.State.StartedAt));
    expect(readFileSync(join(systems.test.repository, 'reloads.txt'), 'utf8')).toBe('reloaded\n');

    const back = await room('closing.release');
    expect(await takeBackSwitches(back, [what])).toEqual(['route']);
    expect(readFileSync(file, 'utf8')).toBe(text);
    expect(back.journal.openObligations()).toEqual([]);
  });

  it('that somebody else has set already is left to them', async () => {
    const file = join(systems.test.repository, 'config.json');
    writeFileSync(file, '{"mode": "off"}');
    const what: SwitchOf<'file'> = {
      kind: 'file',
      name: 'mode',
      file,
      format: 'json',
      key: '/mode',
      value: 'off',
      restart: [],
      reload: null,
    };
    const here = await room('partial.switchLimiter');
    expect((await setSwitches(here, [what])).outcome).toBe('already-done');
    expect(await takeBackSwitches(here, [what])).toEqual([]);
    expect(readFileSync(file, 'utf8')).toBe('{"mode": "off"}');
  });
});

describe('a service', () => {
  it('is stopped and kept down, and comes back as it was', async () => {
    const host = { ...noNetwork, RestartPolicy: { Name: 'always' } };
    const id = await systems.service('experiment', { host, stopTimeoutS: 3 });
    const what: SwitchOf<'service'> = { kind: 'service', name: 'api', service: 'experiment', state: 'stopped' };

    await setSwitches(await room('partial.switchTraffic'), [what]);
    expect(await systems.test.world.docker.inspect(id)).toMatchObject({
      state: 'exited',
      restartPolicy: { name: 'no' },
    });

    await takeBackSwitches(await room('closing.release'), [what]);
    expect(await systems.test.world.docker.inspect(id)).toMatchObject({
      state: 'running',
      restartPolicy: { name: 'always' },
    });
  });

  it('without any container is refused: what turns nothing proves nothing', async () => {
    const what: SwitchOf<'service'> = { kind: 'service', name: 'api', service: 'experiment', state: 'stopped' };
    await expect(setSwitches(await room('partial.switchTraffic'), [what])).rejects.toThrow(/no container experiment/);
  });
});

describe('a call to a router', () => {
  let server: Server;
  let on: boolean;
  let deaf: boolean;
  let url: string;

  beforeEach(async () => {
    on = false;
    deaf = false;
    server = createServer((request, response) => {
      if (request.method === 'POST' && !deaf) on = request.url === '/on';
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ on }));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });

  afterEach(() => new Promise((resolve) => server.close(resolve)));

  const call = (method: 'GET' | 'POST', path: string, expect: SwitchOf<'http'>['is']['expect']) => ({
    method,
    url: `${url}${path}`,
    headers: {},
    expect,
    timeoutMs: 5_000,
  });
  const any = { status: 200, maxBytes: 1024 };
  const router = (): SwitchOf<'http'> => ({
    kind: 'http',
    name: 'router',
    set: call('POST', '/on', any),
    undo: call('POST', '/off', any),
    is: call('GET', '/', {
      ...any,
      json: { type: 'object', required: ['on'], properties: { on: { const: true } } },
    }),
  });

  it('is set, asked by a question of its own, and taken back', async () => {
    expect((await setSwitches(await room('partial.switchTraffic'), [router()])).outcome).toBe('done');
    expect(on).toBe(true);
    await takeBackSwitches(await room('closing.release'), [router()]);
    expect(on).toBe(false);
  });

  it('that answers well and does nothing is found out', async () => {
    deaf = true;
    await expect(setSwitches(await room('partial.switchTraffic'), [router()])).rejects.toThrow(/does not show it/);
  });
});
