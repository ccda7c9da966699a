import { existsSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import type Docker from 'dockerode';
import { execa } from 'execa';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { ensureBaseImage } from '../../lab/base-image.ts';
import { labDocker, statusOf } from '../../lab/docker.ts';
import { isAlive, processesOf } from '../../lab/engine-processes.ts';
import { createPrivateEngine, type PrivateEngine } from '../../lab/private-engine.ts';
import { pollUntil } from '../support/poll.ts';

vi.setConfig({ testTimeout: 300_000 });

let engine: PrivateEngine | undefined;
afterEach(async () => {
  await engine?.remove();
  engine = undefined;
});

const idle = "process.on('SIGTERM', () => process.exit(0)); setInterval(() => {}, 1e6)";

async function run(docker: Docker, name: string, policy: string, network = 'none'): Promise<string> {
  const container = await docker.createContainer({
    name,
    Image: await ensureBaseImage(docker),
    Cmd: ['node', '-e', idle],
    HostConfig: { NetworkMode: network, RestartPolicy: { Name: policy } },
  });
  await container.start();
  return container.id;
}

async function statesOf(docker: Docker): Promise<Readonly<Record<string, string>>> {
  const all = await docker.listContainers({ all: true });
  return Object.fromEntries(all.map(({ Names, State }) => [(Names[0] ?? '').slice(1), State]).sort());
}

/** What another engine on this machine lives on. */
async function sharedNetwork(): Promise<unknown> {
  const { stdout } = await execa('iptables', ['-S'], { env: { PATH: `${process.env['PATH']}:/usr/sbin:/sbin` } });
  return {
    docker0: networkInterfaces()['docker0']?.[0]?.address,
    chains: stdout.split('\n').filter((l) => l.startsWith('-N')),
  };
}

const folderOf = ({ dockerHost }: PrivateEngine) => dockerHost.slice('unix://'.length, dockerHost.lastIndexOf('/'));

describe('a private engine', () => {
  it('can be killed and switched off, shares nothing with the engine of this machine, and goes without a trace', async () => {
    const before = await sharedNetwork();
    engine = await createPrivateEngine();
    const { docker } = engine;
    expect((await docker.info()).DockerRootDir).not.toBe((await labDocker(undefined).info()).DockerRootDir);
    expect(await statesOf(docker)).toEqual({});
    const network = await docker.createNetwork({ Name: 'lab', IPAM: { Config: [{ Subnet: engine.subnet }] } });
    await run(docker, 'always', 'always', network.id);
    await run(docker, 'no', 'no');

    await engine.kill();
    await expect(docker.ping()).rejects.toSatisfy((error: unknown) => statusOf(error) === undefined);
    await engine.start();
    await pollUntil(
      'restart',
      () => statesOf(docker),
      ({ always }) => always === 'running',
    );
    expect(await statesOf(docker)).toEqual({ always: 'running', no: 'exited' });

    const { State } = await docker.getContainer('always').inspect();
    await engine.powerOff();
    expect([isAlive(State.Pid), processesOf(folderOf(engine))]).toEqual([false, []]);
    await engine.start();
    await pollUntil(
      'restart',
      () => statesOf(docker),
      ({ always }) => always === 'running',
    );

    const folder = folderOf(engine);
    await engine.remove();
    expect(processesOf(folder)).toEqual([]);
    expect(existsSync(folder)).toBe(false);
    expect(await sharedNetwork()).toEqual(before);
    expect(Object.keys(networkInterfaces())).not.toContain(`drlab${basename(folder)}`);
  });

  it('is removed by the next that needs one when its maker was killed', async () => {
    const maker = fileURLToPath(new URL('../../dist/lab/private-engine.js', import.meta.url));
    const source = `const { createPrivateEngine } = await import(${JSON.stringify(maker)});
      const { dockerHost } = await createPrivateEngine();
      console.log(dockerHost);
      process.kill(process.pid, 'SIGKILL');`;
    const { stdout } = await execa(process.execPath, ['--input-type=module', '-e', source], { reject: false });
    const folder = stdout.trim().replace('unix://', '').replace('/docker.sock', '');
    expect(processesOf(folder).map(({ name }) => name)).toContain('dockerd');
    engine = await createPrivateEngine();
    if (folderOf(engine) !== folder) expect(existsSync(folder)).toBe(false);
    expect(processesOf(folder).filter(({ name }) => name === 'dockerd').length).toBe(
      folderOf(engine) === folder ? 1 : 0,
    );
    expect(await statesOf(engine.docker)).toEqual({});
  });
});
