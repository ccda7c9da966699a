import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline/promises';
import { run } from './run.mjs';
import { say } from './say.mjs';

const updateDeadlineMs = 5 * 60_000;
const installDeadlineMs = 15 * 60_000;

/** Whether packages can be installed here: as root on Debian, Ubuntu and what descends from them. */
export function aptWorks() {
  return process.getuid?.() === 0 && isDebian();
}

/**
 * Installs packages of the distribution.
 * @param {readonly string[]} packages
 * @param {string} why
 * @returns {Promise<string>} '' or why it failed
 */
export async function aptInstall(packages, why) {
  say(`${why}: apt-get install ${packages.join(' ')}`);
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const lock = ['-o', 'DPkg::Lock::Timeout=180'];
  const update = ['apt-get', '-q', 'update'];
  const updated = await run(update, { env, deadlineMs: updateDeadlineMs, what: 'apt-get update' });
  // A foreign source that does not answer spoils nothing: whether the packages can be had shows next.
  const install = ['apt-get', '-q', '-y', ...lock, 'install', '--no-install-recommends', ...packages];
  const installed = await run(install, { env, deadlineMs: installDeadlineMs, what: 'apt-get install' });
  if (installed.ok) return '';
  return [installed.why, updated.why].filter((each) => each !== '').join('; ');
}

/**
 * Asks on a terminal; without one the answer is no, with CI=true it is yes.
 * @param {string} question
 */
export async function mayInstall(question) {
  if (process.env.CI === 'true') return true;
  if (!process.stdin.isTTY || !process.stderr.isTTY) return false;
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return /^y(es)?$/i.test((await terminal.question(`${question} [y/N] `)).trim());
  } finally {
    terminal.close();
  }
}

function isDebian() {
  try {
    const text = readFileSync('/etc/os-release', 'utf8');
    return /^ID(_LIKE)?=.*\b(debian|ubuntu)\b/m.test(text);
  } catch {
    return false;
  }
}
