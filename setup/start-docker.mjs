import { spawn } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import { askDocker } from './find-docker.mjs';
import { mountCgroups } from './mount-cgroups.mjs';
import { cacheDir } from './places.mjs';
import { pathOfRoot, run, tail, whichOfRoot } from './run.mjs';
import { say } from './say.mjs';

const startDeadlineMs = 60_000;
const pollMs = 200;

/**
 * Starts the installed engine, as root: by systemd where that runs, else as a daemon of its own session.
 * @param {string} url where it will answer
 * @returns {Promise<string>} '' or why it failed
 */
export async function startDocker(url) {
  if (existsSync('/run/systemd/system')) return startByService(url);
  const dockerd = whichOfRoot('dockerd');
  if (dockerd === undefined) return 'dockerd is not installed';
  say('Docker Engine: it is installed and does not run; starting dockerd');
  const note = mountCgroups();
  const log = join(cacheDir(), 'dockerd.log');
  mkdirSync(dirname(log), { recursive: true });
  const out = openSync(log, 'w');
  const child = spawn(dockerd, [], {
    detached: true,
    env: { ...process.env, PATH: pathOfRoot() },
    stdio: ['ignore', out, out],
  });
  closeSync(out);
  let ended = '';
  child.once('error', (error) => {
    ended = error.message;
  });
  child.once('exit', (code, signal) => {
    ended = `dockerd ended with ${signal ?? `code ${code}`}`;
  });
  child.unref();
  const why = await untilItAnswers(url, () => ended);
  if (why === '') return '';
  return `starting dockerd: ${ended || why}${note}; the end of its log ${log}:\n${tail(readFileSync(log, 'utf8'), 10)}`;
}

/** @param {string} url */
async function startByService(url) {
  say('Docker Engine: starting its service');
  const started = await run(['systemctl', 'start', 'docker'], {
    deadlineMs: startDeadlineMs,
    what: 'systemctl start docker',
  });
  const why = started.ok ? await untilItAnswers(url, () => '') : started.why;
  return why === '' ? '' : `systemctl start docker: ${why}; journalctl -u docker says more`;
}

/** @param {string} url @param {() => string} hasEnded */
async function untilItAnswers(url, hasEnded) {
  const giveUpAt = Date.now() + startDeadlineMs;
  for (;;) {
    // Looked at before asking: another dockerd that was just starting may be why ours ended.
    const ended = hasEnded();
    const why = await askDocker(url);
    if (why === '') return '';
    if (ended !== '' || Date.now() > giveUpAt) return why;
    await after(pollMs);
  }
}
