import { existsSync, realpathSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Missing } from './missing.mjs';

/** Exit code of everything that fails because this machine lacks something; the same as the client's `missing`. */
const missingExitCode = 6;

/**
 * Runs a command of package.json when its file is what node was called with; its result is the exit code.
 * @param {string} url import.meta.url of the file
 * @param {(args: readonly string[]) => Promise<number | undefined>} command
 */
export async function asCommand(url, command) {
  const [, called = '', ...args] = process.argv;
  if (!existsSync(called) || realpathSync(called) !== fileURLToPath(url)) return;
  try {
    process.exitCode = (await command(args)) ?? 0;
  } catch (error) {
    if (!(error instanceof Missing)) throw error;
    console.error(`\n${error.message}`);
    process.exitCode = missingExitCode;
  }
}
