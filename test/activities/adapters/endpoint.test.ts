import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeDocker } from '../../../activities/adapters/docker.ts';
import { resolveEndpoint } from '../../../activities/adapters/endpoint.ts';
import { realWorld } from '../../../workers/real-world.ts';

/** One endpoint or a refusal, whatever the docker command is told: with the files that it writes itself. */
type Env = Readonly<Record<string, string>>;

const here = resolveEndpoint(process.env).url;
let folder: string;
let env: Env;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'docker-config-'));
  env = { PATH: process.env['PATH'] ?? '', HOME: folder, DOCKER_CONFIG: folder };
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

async function docker(...args: readonly string[]): Promise<string> {
  return (await execa('docker', args, { env, extendEnv: false, stdin: 'ignore' })).stdout;
}

/** What the docker command itself would talk to. */
async function chosenByDocker(more: Env): Promise<string> {
  const { stdout } = await execa('docker', ['context', 'inspect', '--format', '{{.Endpoints.docker.Host}}'], {
    env: { ...env, ...more },
    extendEnv: false,
    stdin: 'ignore',
  });
  return stdout;
}

describe('the endpoint', () => {
  it('is the one that the docker command would take: default, context in use, DOCKER_CONTEXT, rootless', async () => {
    const rootless = 'unix:///run/user/1000/docker.sock';
    await docker('context', 'create', 'here', '--docker', `host=${here}`);
    await docker('context', 'create', 'rootless', '--docker', `host=${rootless}`);
    const cases: readonly Env[] = [{}, { DOCKER_CONTEXT: 'here' }, { DOCKER_CONTEXT: 'rootless' }];
    for (const more of cases) expect(resolveEndpoint({ ...env, ...more }).url).toBe(await chosenByDocker(more));
    await docker('context', 'use', 'rootless');
    for (const more of [...cases, { DOCKER_CONTEXT: 'default' }]) {
      expect(resolveEndpoint({ ...env, ...more }).url).toBe(await chosenByDocker(more));
    }
    expect(resolveEndpoint(env)).toMatchObject({ url: rootless, from: 'docker context rootless' });
    // Named outright it holds for all, and no context beside it is followed.
    const named = { ...env, DOCKER_HOST: here, DOCKER_CONTEXT: 'rootless' };
    expect(resolveEndpoint(named)).toMatchObject({ url: here, from: 'DOCKER_HOST' });
  });

  it('answers through a context as it does directly', async () => {
    await docker('context', 'create', 'here', '--docker', `host=${here}`);
    await docker('context', 'use', 'here');
    const [through, directly] = await Promise.all(
      [env, { DOCKER_HOST: here }].map((given) => makeDocker(resolveEndpoint(given)).info()),
    );
    // Each tells its own time beside it.
    expect({ ...through, time: '' }).toEqual({ ...directly, time: '' });
  });

  it('is given to the commands of the target too, whatever context their own account has', async () => {
    await docker('context', 'create', 'here', '--docker', `host=${here}`);
    const world = realWorld(folder, 'test', { ...env, DOCKER_CONTEXT: 'here' });
    const told = await world.commands.run({
      argv: ['sh', '-c', 'echo "$DOCKER_HOST|$DOCKER_CONTEXT|"'],
      cwd: folder,
      marker: 'test/',
      timeoutMs: 20_000,
      maxOutputBytes: 1_000,
    });
    expect(told.stdout).toBe(`${here}||\n`);
  });

  it.each(['tcp://10.0.0.7:2376', 'ssh://root@elsewhere'])(
    '%s is refused: the worker runs on the host',
    async (url) => {
      await docker('context', 'create', 'far', '--docker', `host=${url}`);
      for (const given of [{ DOCKER_HOST: url }, { ...env, DOCKER_CONTEXT: 'far' }]) {
        expect(() => resolveEndpoint(given)).toThrow(expect.objectContaining({ kind: 'refused' }));
      }
    },
  );

  it('a context that is chosen and not there, and a configuration that is none, are told and not passed over', async () => {
    expect(() => resolveEndpoint({ ...env, DOCKER_CONTEXT: 'gone' })).toThrow(/docker context gone is chosen but/);
    writeFileSync(join(folder, 'config.json'), '{ "currentContext": ');
    expect(() => resolveEndpoint(env)).toThrow(/is not what the docker command writes/);
    rmSync(join(folder, 'config.json'));
    // Unreadable in a way that holds for root as well.
    await execa('mkdir', [join(folder, 'config.json')]);
    expect(() => resolveEndpoint(env)).toThrow(/config\.json cannot be read/);
  });
});
