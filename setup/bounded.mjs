import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { setTimeout as after } from 'node:timers/promises';
import { stripVTControlCharacters } from 'node:util';
import { tail } from './run.mjs';

const shownCharacters = 60_000;
const tailCharacters = 20_000;
const tailLines = 150;
const killAfterMs = 10_000;
const drainMs = 2_000;

/**
 * Runs a command in a process group of its own, shows the beginning and the end of what it prints and keeps all of it in
 * a log; past the deadline the whole group ends.
 * @param {readonly string[]} argv
 * @param {{ cwd: string, env: NodeJS.ProcessEnv, deadlineMs: number, log: string }} settings
 * @returns {Promise<string>} '' or why it failed
 */
export function runBounded(argv, { cwd, env, deadlineMs, log }) {
  const [file = '', ...args] = argv;
  return new Promise((resolve) => {
    const child = spawn(file, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
    const kept = createWriteStream(log);
    let shown = 0;
    let hidden = '';
    let late = '';
    const timer = setTimeout(() => {
      late = `did not end within ${Math.round(deadlineMs / 60_000)} minutes`;
      endGroup(child.pid, 'SIGTERM');
      setTimeout(() => endGroup(child.pid, 'SIGKILL'), killAfterMs).unref();
    }, deadlineMs);
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text) => {
        kept.write(text);
        if (shown < shownCharacters) {
          shown += text.length;
          process.stdout.write(plain(text));
        } else {
          hidden = (hidden + text).slice(-tailCharacters);
        }
      });
    }
    child.once('error', (error) => {
      clearTimeout(timer);
      kept.end(() => resolve(error.message));
    });
    child.once('exit', async (code, signal) => {
      clearTimeout(timer);
      // A daemon that the command leaves behind may hold its output: the end of that is waited for a moment only.
      await Promise.race([once(child, 'close'), after(drainMs)]);
      child.stdout.destroy();
      child.stderr.destroy();
      if (hidden !== '') process.stdout.write(`\n… (all of it: ${log})\n${plain(tail(hidden, tailLines))}\n`);
      kept.end(() => resolve(late || (code === 0 ? '' : `FAILED with ${signal ?? `code ${code}`}`)));
    });
  });
}

/** Without colours: the log of a build server is read in an editor. @param {string} text */
function plain(text) {
  return stripVTControlCharacters(text);
}

/** @param {number | undefined} group @param {NodeJS.Signals} signal */
function endGroup(group, signal) {
  try {
    if (group !== undefined) process.kill(-group, signal);
  } catch {
    // It has ended by itself.
  }
}
