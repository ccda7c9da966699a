import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { asCommand } from './as-command.mjs';
import { runAttached } from './attached.mjs';
import { ensureDependencies } from './dependencies.mjs';
import { root } from './places.mjs';
import { ensureTestTools } from './test-tools.mjs';

/**
 * `npm run test:sweep [-- --list --operation restore-whole --seed N --count M --size F]`: breaks off every operation of
 * the vault at every call, and lets every call fail. `--list` only counts the calls; without `--count` all of it takes
 * about an hour.
 */
await asCommand(import.meta.url, async (args) => {
  const { values } = parseArgs({
    args: [...args],
    options: {
      list: { type: 'boolean', default: false },
      operation: { type: 'string' },
      seed: { type: 'string', default: '1' },
      count: { type: 'string' },
      size: { type: 'string', default: '0' },
    },
  });
  const sweep = {
    list: values.list,
    operation: values.operation ?? null,
    seed: Number(values.seed),
    count: values.count === undefined ? null : Number(values.count),
    size: Number(values.size),
  };
  await ensureDependencies();
  await ensureTestTools();
  const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs');
  const config = join('test', 'vault', 'sweep', 'full', 'vitest.config.ts');
  const argv = [process.execPath, vitest, 'run', '--config', config, '--disableConsoleIntercept'];
  return runAttached(argv, { cwd: root, env: { ...process.env, VAULT_SWEEP: JSON.stringify(sweep) } });
});
