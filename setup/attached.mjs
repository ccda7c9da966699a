import { spawn } from 'node:child_process';
import { constants } from 'node:os';

/**
 * Runs a command on this terminal. Ctrl-C reaches it by itself; it decides what that means, and we wait for it.
 * @param {readonly string[]} argv
 * @param {{ cwd: string, env: NodeJS.ProcessEnv }} settings
 * @returns {Promise<number>} its exit code; 128 and the number of its signal as shells have it
 */
export function runAttached(argv, { cwd, env }) {
  const [file = '', ...args] = argv;
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, { cwd, env, stdio: 'inherit' });
    const forward = signals.map((signal) => {
      const listener = () => (signal === 'SIGINT' ? undefined : child.kill(signal));
      process.on(signal, listener);
      return () => process.off(signal, listener);
    });
    child.once('error', reject);
    child.once('close', (code, signal) => {
      for (const stop of forward) stop();
      resolve(code ?? 128 + (constants.signals[signal] ?? 1));
    });
  });
}
