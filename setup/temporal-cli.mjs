import { join } from 'node:path';
import { fetchTemporalCli } from './fetch-temporal-cli.mjs';
import { findTemporalCli } from './find-temporal.mjs';
import { goBuild } from './go-build.mjs';
import { alone } from './lock.mjs';
import { Missing } from './missing.mjs';
import { cacheDir, cachedTemporalCli } from './places.mjs';
import { isExecutable } from './run.mjs';
import { say } from './say.mjs';
import { temporalCliVersion } from './versions.mjs';

const waitDeadlineMs = 45 * 60_000;

/**
 * Makes sure of the Temporal CLI, whose server the embedded default runs: TEMPORAL_CLI_PATH, our cache, the official
 * archive, built with Go.
 * @throws {Missing} with what was tried
 */
export async function ensureTemporalCli(env = process.env) {
  if (env.TEMPORAL_CLI_PATH) return useNamed(env);
  const target = cachedTemporalCli(env);
  if (isExecutable(target)) return;
  await alone(join(cacheDir(env), 'temporal-cli.lock'), waitDeadlineMs, async () => {
    if (!isExecutable(target)) await install(target);
  });
}

/** @param {NodeJS.ProcessEnv} env */
function useNamed(env) {
  try {
    const { path, version } = findTemporalCli(env);
    if (version !== temporalCliVersion) {
      say(
        `Temporal CLI: TEMPORAL_CLI_PATH names ${path}, which says ${version}; tried with ${temporalCliVersion} only`,
      );
    }
  } catch (error) {
    throw new Missing(error.message, {
      todo: `set TEMPORAL_CLI_PATH to a temporal command, or unset it to have ${temporalCliVersion} installed`,
    });
  }
}

/** @param {string} target */
async function install(target) {
  say(`Temporal CLI ${temporalCliVersion}: the official archive; it runs the embedded Temporal server`);
  const fetched = await fetchTemporalCli(target);
  if (fetched === '') return;
  say(`Temporal CLI ${temporalCliVersion}: ${fetched}`);
  say('Temporal CLI: built from setup/temporal-cli instead (some 5 minutes, once)');
  const built = await goBuild({
    module: 'temporal-cli',
    source: 'github.com/temporalio/cli/cmd/temporal',
    version: `github.com/temporalio/cli/internal/temporalcli.Version=${temporalCliVersion}`,
    target,
  });
  if (built === '') return;
  throw new Missing(`The Temporal CLI ${temporalCliVersion} cannot be installed.`, {
    tried: [fetched, built],
    todo: `install Go 1.26, or set TEMPORAL_CLI_PATH to a temporal command ${temporalCliVersion}, or put one at ${target}`,
  });
}
