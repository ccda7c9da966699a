import { join } from 'node:path';
import { aptInstall, aptWorks, mayInstall } from './apt.mjs';
import { askDocker, defaultSocket, dockerEndpoint } from './find-docker.mjs';
import { alone } from './lock.mjs';
import { Missing } from './missing.mjs';
import { cacheDir } from './places.mjs';
import { run, which, whichOfRoot } from './run.mjs';
import { startDocker } from './start-docker.mjs';

const waitDeadlineMs = 20 * 60_000;

/**
 * Makes sure of a Docker Engine: the one that answers, else an installed one is started, else the distribution's
 * packages are installed (asked for on a terminal).
 * @throws {Missing} with what was tried
 */
export async function ensureDocker() {
  const { url, from } = dockerEndpoint();
  const why = await askDocker(url);
  if (why === '') return;
  const tried = [`${url} (${from}): ${why}`];
  if (url !== defaultSocket) {
    throw new Missing('The Docker Engine that is chosen does not answer.', {
      tried,
      todo: `start it, or choose another: ${from} names it`,
    });
  }
  if (process.getuid?.() !== 0) throw new Missing('No Docker Engine answers.', { tried, todo: withoutRoot(why) });
  await alone(join(cacheDir(), 'docker.lock'), waitDeadlineMs, async () => {
    if ((await askDocker(url)) === '') return;
    if (whichOfRoot('dockerd') === undefined) tried.push(await install());
    if (whichOfRoot('dockerd') !== undefined) tried.push(await startDocker(url));
    if ((await askDocker(url)) === '') return;
    throw new Missing('No Docker Engine answers, and none could be started.', {
      tried: tried.filter((each) => each !== ''),
      todo: 'install Docker Engine 20.10 or newer and start it (https://docs.docker.com/engine/install), then run this again',
    });
  });
}

/** @returns {Promise<string>} '' or why it failed */
async function install() {
  if (!aptWorks()) return 'dockerd is not installed, and this is not Debian or Ubuntu';
  if (!(await mayInstall('Docker Engine is not installed. Install docker.io of this distribution?'))) {
    return 'apt-get install docker.io: not without your consent (answer yes on a terminal, or set CI=true)';
  }
  return aptInstall(['docker.io', 'iptables', ...(await clientPackage())], 'Docker Engine, which the systems run on');
}

/** From Debian 13 on the docker command is a package of its own. */
async function clientPackage() {
  if (which('docker') !== undefined) return [];
  const known = await run(['apt-cache', 'show', '--no-all-versions', 'docker-cli'], { deadlineMs: 30_000 });
  return known.ok ? ['docker-cli'] : [];
}

/** @param {string} why */
function withoutRoot(why) {
  if (why.includes('EACCES')) {
    return 'the engine runs, and this account may not use it: sudo usermod -aG docker $USER, then log in anew';
  }
  const start = whichOfRoot('dockerd')
    ? 'sudo systemctl start docker'
    : 'install Docker Engine (https://docs.docker.com/engine/install)';
  return `${start}, then run this again`;
}
