import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { resolveEndpoint } from '../../activities/adapters/endpoint.ts';
import { checksumIn } from '../../setup/fetch-temporal-cli.mjs';
import { composeEnvironment, findCompose } from '../../setup/find-compose.mjs';
import { askDocker, dockerEndpoint } from '../../setup/find-docker.mjs';
import { cachedCompose } from '../../setup/places.mjs';
import { temporaryFolder, writeAt, writeCommand } from './folder.ts';

it('chooses the same engine as the activities do', () => {
  const folder = temporaryFolder();
  const digest = createHash('sha256').update('lab').digest('hex');
  const meta = { Endpoints: { docker: { Host: 'unix:///run/lab.sock' } } };
  writeAt(join(folder, 'contexts', 'meta', digest, 'meta.json'), JSON.stringify(meta));
  writeAt(join(folder, 'config.json'), JSON.stringify({ currentContext: 'lab' }));
  for (const env of [
    { DOCKER_CONFIG: folder },
    { DOCKER_CONFIG: folder, DOCKER_HOST: 'unix:///run/mine.sock' },
    { DOCKER_CONFIG: folder, DOCKER_CONTEXT: 'default' },
    { DOCKER_CONFIG: temporaryFolder() },
    { DOCKER_CONFIG: temporaryFolder(), DOCKER_CONTEXT: '' },
  ]) {
    const { url, from } = resolveEndpoint(env);
    expect(dockerEndpoint(env)).toEqual({ url, from });
  }
});

it('asks an engine by its socket, and says why one does not answer', async () => {
  const socket = join(temporaryFolder(), 'docker.sock');
  expect(await askDocker(`unix://${socket}`)).toContain('ENOENT');
  let status = 500;
  const engine = createServer((request, response) => {
    response.writeHead(request.url === '/_ping' ? status : 404).end();
  });
  await new Promise<void>((resolve) => engine.listen(socket, resolve));
  onTestFinished(() => void engine.close());
  expect(await askDocker(`unix://${socket}`)).toBe('HTTP 500');
  status = 200;
  expect(await askDocker(`unix://${socket}`)).toBe('');
});

it('prefers what is named, then the plugin, then the command, then what set-up built', () => {
  const folder = temporaryFolder();
  const env = { PATH: join(folder, 'bin'), HOME: folder, XDG_CACHE_HOME: join(folder, 'cache') };
  const built = writeCommand(cachedCompose(env), '5.6.0');
  expect(findCompose(env)).toEqual({ kind: 'built', path: built });
  expect(composeEnvironment(env)).toEqual({ ROLLBACK_COMPOSE: built });
  const standalone = writeCommand(join(folder, 'bin', 'docker-compose'), '1.29.2');
  expect(findCompose(env)).toEqual({ kind: 'standalone', path: standalone });
  writeCommand(join(folder, 'bin', 'docker'), '');
  const plugin = writeCommand(join(folder, '.docker', 'cli-plugins', 'docker-compose'), '5.6.0');
  expect(findCompose(env)).toEqual({ kind: 'plugin', path: plugin });
  expect(findCompose({ ...env, ROLLBACK_COMPOSE: 'v1' })).toEqual({ kind: 'named', path: 'v1' });
  expect(composeEnvironment(env)).toEqual({});
});

it('reads a digest out of the list of a release, and invents none', () => {
  const list = 'ABCD  temporal_cli_1.9.1_linux_amd64.tar.gz\nef01  temporal_cli_1.9.1_linux_arm64.tar.gz\n';
  expect(checksumIn(list, 'temporal_cli_1.9.1_linux_amd64.tar.gz')).toBe('abcd');
  expect(checksumIn(list, 'temporal_cli_1.9.1_darwin_amd64.tar.gz')).toBeUndefined();
});
