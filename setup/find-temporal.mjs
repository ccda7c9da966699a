import { spawnSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { cachedTemporalCli } from './places.mjs';
import { temporalCliVersion } from './versions.mjs';

/**
 * The Temporal CLI that the embedded server is started from: TEMPORAL_CLI_PATH, else what set-up installed. Nothing is
 * fetched or built here, since this also runs during a rollback.
 * @param {NodeJS.ProcessEnv} [env]
 * @returns {{ path: string, version: string }}
 * @throws {Error} with what was tried and what to do
 */
export function findTemporalCli(env = process.env) {
  const named = env.TEMPORAL_CLI_PATH;
  if (named) return { path: named, version: versionOf(named) };
  const cached = cachedTemporalCli(env);
  if (isExecutable(cached)) return { path: cached, version: temporalCliVersion };
  throw new Error(
    `The Temporal CLI ${temporalCliVersion} is not installed: there is no ${cached}, and TEMPORAL_CLI_PATH is not set. ` +
      'Run `npm run setup`, or set TEMPORAL_CLI_PATH to a temporal command of that version.',
  );
}

/** @param {string} path */
function versionOf(path) {
  if (!isExecutable(path)) {
    throw new Error(`TEMPORAL_CLI_PATH names ${path}, which is not there or not executable.`);
  }
  const answer = spawnSync(path, ['--version'], { encoding: 'utf8', timeout: 10_000 });
  const version = /(\d+\.\d+\.\d+\S*)/.exec(answer.stdout ?? '')?.[1];
  if (answer.status !== 0 || version === undefined) {
    throw new Error(`TEMPORAL_CLI_PATH names ${path}, which does not answer --version as the Temporal CLI does.`);
  }
  return version;
}

/** @param {string} path */
function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
