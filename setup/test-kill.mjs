import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { asCommand } from './as-command.mjs';
import { runAttached } from './attached.mjs';
import { root } from './places.mjs';
import { setUp } from './steps.mjs';

/**
 * `npm run test:kill [-- --seed N --count M --scene full|emergency --labs L]`: the kill sweep. Without `--count` every
 * boundary is hit, which takes about an hour; the seed that is printed runs the same again.
 */
await asCommand(import.meta.url, async (args) => {
  const { values } = parseArgs({
    args: [...args],
    options: {
      seed: { type: 'string' },
      count: { type: 'string' },
      scene: { type: 'string' },
      labs: { type: 'string', default: '3' },
    },
  });
  const sweep = {
    seed: values.seed === undefined ? Math.floor(Math.random() * 1e6) : Number(values.seed),
    count: values.count === undefined ? null : Number(values.count),
    scene: values.scene ?? null,
    labs: Number(values.labs),
  };
  const asked = ['seed', 'count', 'scene', 'labs'].flatMap((name) =>
    sweep[name] === null ? [] : [`--${name} ${sweep[name]}`],
  );
  const size = `${sweep.count ?? 'all'} kills, ${sweep.scene ?? 'both scenes'}`;
  console.log(`kill sweep, seed ${sweep.seed}, ${size}: npm run test:kill -- ${asked.join(' ')} runs it again`);
  await setUp({ forTests: true });
  const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs');
  const config = join('test', 'end-to-end', 'kill-sweep', 'vitest.config.ts');
  const env = { ...process.env, KILL_SWEEP: JSON.stringify(sweep) };
  return runAttached([process.execPath, vitest, 'run', '--config', config, '--disableConsoleIntercept'], {
    cwd: root,
    env,
  });
});
