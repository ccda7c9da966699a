import { spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { showProgress } from './say.mjs';

const keptCharacters = 64_000;
const killAfterMs = 5_000;

/**
 * Runs a command to its end and keeps the tail of what it prints.
 * @param {readonly string[]} argv
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv, deadlineMs: number, what?: string }} settings with `what`, progress is shown
 * @returns {Promise<{ ok: boolean, output: string, why: string }>} `why` is a short sentence when it is not ok
 */
export async function run(argv, { cwd, env = process.env, deadlineMs, what }) {
  const [file = '', ...args] = argv;
  let output = '';
  const stop = what === undefined ? () => {} : showProgress(what, () => lastLine(output));
  try {
    const ended = await new Promise((resolve) => {
      const child = spawn(file, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
      let late = false;
      const timer = setTimeout(() => {
        late = true;
        child.kill('SIGTERM');
        setTimeout(() => child.kill('SIGKILL'), killAfterMs).unref();
      }, deadlineMs);
      for (const stream of [child.stdout, child.stderr]) {
        stream.setEncoding('utf8').on('data', (text) => {
          output = (output + text).slice(-keptCharacters);
        });
      }
      child.once('error', (error) => {
        clearTimeout(timer);
        resolve(`cannot be run: ${error.message}`);
      });
      child.once('close', (code, signal) => {
        clearTimeout(timer);
        if (late) resolve(`did not end within ${Math.round(deadlineMs / 1000)} s`);
        else resolve(code === 0 ? '' : `ended with ${signal ?? `code ${code}`}`);
      });
    });
    const why = ended === '' ? '' : `${argv.slice(0, 3).join(' ')} ${ended}: ${lastLine(output)}`;
    return { ok: why === '', output, why };
  } finally {
    stop();
  }
}

/**
 * @param {string} name of a command
 * @returns {string | undefined} its path
 */
export function which(name, env = process.env) {
  const folders = (env.PATH ?? '').split(delimiter).filter((folder) => folder !== '');
  return folders.map((folder) => join(folder, name)).find(isExecutable);
}

/** Also where root's tools lie (dockerd, mkfs.xfs): not every shell of root has that on its PATH. @param {string} name */
export function whichOfRoot(name) {
  return which(name, { PATH: pathOfRoot() });
}

export function pathOfRoot() {
  return [process.env.PATH ?? '', '/usr/local/sbin', '/usr/sbin', '/sbin'].join(delimiter);
}

/** @param {string} path */
export function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** @param {string} text @param {number} count */
export function tail(text, count) {
  return text.trimEnd().split('\n').slice(-count).join('\n');
}

/** @param {string} text */
function lastLine(text) {
  return tail(text, 1).split('\r').at(-1) ?? '';
}
