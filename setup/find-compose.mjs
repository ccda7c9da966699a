import { homedir } from 'node:os';
import { join } from 'node:path';
import { cachedCompose } from './places.mjs';
import { isExecutable, which } from './run.mjs';

/**
 * The compose that the product will use, found without starting it: ROLLBACK_COMPOSE, the plugin, `docker-compose`, and
 * what set-up built.
 * @returns {{ kind: 'named' | 'plugin' | 'standalone' | 'built', path: string } | undefined}
 */
export function findCompose(env = process.env) {
  if (env.ROLLBACK_COMPOSE) return { kind: 'named', path: env.ROLLBACK_COMPOSE };
  const plugin = pluginFile(env);
  if (plugin !== undefined) return { kind: 'plugin', path: plugin };
  const standalone = which('docker-compose', env);
  if (standalone !== undefined) return { kind: 'standalone', path: standalone };
  const built = cachedCompose(env);
  return isExecutable(built) ? { kind: 'built', path: built } : undefined;
}

/** What a process of ours needs in its environment to find the compose that set-up built, where there is no other. */
export function composeEnvironment(env = process.env) {
  const found = findCompose(env);
  return found?.kind === 'built' ? { ROLLBACK_COMPOSE: found.path } : {};
}

/** Where the docker command looks for its plugins. @param {NodeJS.ProcessEnv} env */
export function pluginFile(env) {
  if (which('docker', env) === undefined) return undefined;
  const folders = [
    join(env.DOCKER_CONFIG || join(env.HOME || homedir(), '.docker'), 'cli-plugins'),
    ...['/usr/local/lib', '/usr/local/libexec', '/usr/lib', '/usr/libexec'].map((each) => `${each}/docker/cli-plugins`),
  ];
  return folders.map((folder) => join(folder, 'docker-compose')).find(isExecutable);
}
