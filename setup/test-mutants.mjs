import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { asCommand } from './as-command.mjs';
import { runAttached } from './attached.mjs';
import { root } from './places.mjs';
import { setUp } from './steps.mjs';

/**
 * `npm run test:mutants [-- --only act,act --labs L]`: empties each act in turn and turns each item of the verdict to
 * "pass"; what the rollback then leaves must show it. All of it takes about half an hour.
 */
await asCommand(import.meta.url, async (args) => {
  const { values } = parseArgs({
    args: [...args],
    options: { only: { type: 'string', default: '' }, labs: { type: 'string', default: '3' } },
  });
  const mutants = { only: values.only.split(',').filter((name) => name !== ''), labs: Number(values.labs) };
  await setUp({ forTests: true });
  const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs');
  const config = join('test', 'end-to-end', 'mutants', 'vitest.config.ts');
  const env = { ...process.env, MUTANTS: JSON.stringify(mutants) };
  const argv = [process.execPath, vitest, 'run', '--config', config, '--disableConsoleIntercept'];
  return runAttached(argv, { cwd: root, env });
});
