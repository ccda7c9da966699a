import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { asCommand } from './as-command.mjs';
import { runAttached } from './attached.mjs';
import { ensureDependencies } from './dependencies.mjs';
import { root } from './places.mjs';
import { ensureTestTools } from './test-tools.mjs';

/**
 * `npm run test:sweep-mutants [-- --only part-of-a-name]`: puts one fault after the other into a copy of the vault (an fsync dropped, two renames
 * swapped, a hash or the epoch not compared) and shows what of the sweep catches it. Ends with 1 when one survives.
 */
await asCommand(import.meta.url, async (args) => {
  const { values } = parseArgs({ args: [...args], options: { only: { type: 'string', default: '' } } });
  await ensureDependencies();
  await ensureTestTools();
  const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs');
  const config = join('test', 'vault', 'sweep', 'mutants', 'vitest.config.ts');
  const argv = [process.execPath, vitest, 'run', '--config', config, '--disableConsoleIntercept'];
  return runAttached(argv, { cwd: root, env: { ...process.env, SWEEP_MUTANTS: values.only } });
});
