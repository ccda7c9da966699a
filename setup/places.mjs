import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { composeVersion, temporalCliVersion } from './versions.mjs';

/** The project's folder. */
export const root = fileURLToPath(new URL('..', import.meta.url));

/** Folder of what set-up installs for this user; a folder per version, so that two versions never mix. */
export function cacheDir(env = process.env) {
  const base = env.XDG_CACHE_HOME || join(homedir(), '.cache');
  return join(base, 'durable-rollback');
}

export function cachedTemporalCli(env = process.env) {
  return join(cacheDir(env), `temporal-${temporalCliVersion}`, 'temporal');
}

export function cachedCompose(env = process.env) {
  return join(cacheDir(env), `docker-compose-${composeVersion}`, 'docker-compose');
}
