import { join } from 'node:path';
import { asCommand } from './as-command.mjs';
import { runAttached } from './attached.mjs';
import { ensureDependencies } from './dependencies.mjs';
import { root } from './places.mjs';

/**
 * `npm run test:replay-mutants`: workflow code that is changed in one way after the other must not be able to go on with
 * the recorded histories. Prints each change with the history that caught it; ends with 1 when one goes on.
 */
await asCommand(import.meta.url, async () => {
  await ensureDependencies();
  const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs');
  const config = join('test', 'replay', 'mutants', 'vitest.config.ts');
  const argv = [process.execPath, vitest, 'run', '--config', config, '--disableConsoleIntercept'];
  return runAttached(argv, { cwd: root, env: process.env });
});
