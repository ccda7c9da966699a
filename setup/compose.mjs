import { join } from 'node:path';
import { aptInstall, aptWorks, mayInstall } from './apt.mjs';
import { asCommand } from './as-command.mjs';
import { findCompose } from './find-compose.mjs';
import { goBuild } from './go-build.mjs';
import { alone } from './lock.mjs';
import { Missing } from './missing.mjs';
import { cacheDir, cachedCompose } from './places.mjs';
import { isExecutable, run, which } from './run.mjs';
import { say } from './say.mjs';
import { composeVersion } from './versions.mjs';

const waitDeadlineMs = 45 * 60_000;
const onlyAsRoot = 'apt-get install docker-compose: only as root on Debian or Ubuntu';

/**
 * Makes sure of one compose, whichever: what is there, else the distribution's, else built with Go.
 * @throws {Missing} with what was tried
 */
export async function ensureCompose() {
  if (findCompose() !== undefined) return;
  const tried = [await installPackage()];
  if (findCompose() === undefined) tried.push(await buildCompose());
  if (findCompose() === undefined) {
    throw new Missing('There is no Docker Compose.', {
      tried: [
        'docker compose: no such plugin',
        'docker-compose: not on the PATH',
        ...tried.filter((each) => each !== ''),
      ],
      todo: 'install the compose plugin of Docker (https://docs.docker.com/compose/install) or docker-compose, then run this again',
    });
  }
}

/** Tests run on both families: v1 (`docker-compose`) and today's. What cannot be had is told; its tests fail. */
export async function ensureBothComposes() {
  const notes = [await ensureV1(), await buildCompose()].filter((each) => each !== '');
  for (const note of notes) say(`Compose, of which tests need both families: ${note}`);
  await ensureCompose();
}

/** @returns {Promise<string>} '' or what is missing */
async function ensureV1() {
  const found = await run(['docker-compose', 'version', '--short'], { deadlineMs: 20_000 });
  if (found.ok && /^1\./m.test(found.output.trim())) return '';
  if (which('docker-compose') !== undefined) return `docker-compose is ${found.output.trim()}, not 1.x`;
  return aptWorks() ? install('Docker Compose 1, which tests also run on') : onlyAsRoot;
}

/** @returns {Promise<string>} '' or why it failed */
async function installPackage() {
  if (!aptWorks()) return onlyAsRoot;
  if (!(await mayInstall('Docker Compose is not installed. Install docker-compose of this distribution?'))) {
    return 'apt-get install docker-compose: not without your consent (answer yes on a terminal, or set CI=true)';
  }
  return install('Docker Compose, which starts the systems');
}

/** @param {string} why */
function install(why) {
  return aptInstall(['docker-compose'], why);
}

/** @returns {Promise<string>} '' or why it failed */
async function buildCompose() {
  const target = cachedCompose();
  if (isExecutable(target)) return '';
  return alone(join(cacheDir(), 'compose.lock'), waitDeadlineMs, async () => {
    if (isExecutable(target)) return '';
    say(`Docker Compose ${composeVersion}: built from setup/compose (one minute, once)`);
    return goBuild({
      module: 'compose',
      source: 'github.com/docker/compose/v5/cmd',
      version: `github.com/docker/compose/v5/internal.Version=v${composeVersion}`,
      target,
    });
  });
}

await asCommand(import.meta.url, async (args) => {
  await (args.includes('--both') ? ensureBothComposes() : ensureCompose());
});
