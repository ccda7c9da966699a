import { statSync } from 'node:fs';
import { join } from 'node:path';
import { alone } from './lock.mjs';
import { Missing } from './missing.mjs';
import { root } from './places.mjs';
import { run, tail } from './run.mjs';
import { say } from './say.mjs';

const deadlineMs = 10 * 60_000;

/**
 * Whether the npm packages are not those of the lockfile.
 * @param {string} folder the project's
 */
export function dependenciesAreStale(folder) {
  const wanted = changedAt(join(folder, 'package-lock.json'));
  // An installed package has no lockfile: its dependencies are npm's business.
  if (wanted === undefined) return false;
  const installed = changedAt(join(folder, 'node_modules', '.package-lock.json'));
  return installed === undefined || wanted > installed;
}

/** Installs the npm packages of the lockfile when they are not there. @throws {Missing} */
export async function ensureDependencies() {
  if (!dependenciesAreStale(root)) return;
  await alone(join(root, '.cache', 'npm-ci.lock'), deadlineMs, async () => {
    if (!dependenciesAreStale(root)) return;
    say('npm packages: npm ci, since package-lock.json is newer than what is installed');
    const argv = ['npm', 'ci', '--include=dev', '--no-fund', '--no-audit'];
    const { ok, why, output } = await run(argv, { cwd: root, deadlineMs, what: 'npm ci' });
    if (ok) return;
    throw new Missing(`The npm packages cannot be installed.\n${tail(output, 12)}`, {
      tried: [why],
      todo: 'see that npm reaches its registry (npm ping), then run this again',
    });
  });
}

/** @param {string} path */
function changedAt(path) {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs;
}
