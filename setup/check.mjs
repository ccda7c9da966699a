import { join } from 'node:path';
import { asCommand } from './as-command.mjs';
import { ensureDependencies } from './dependencies.mjs';
import { root } from './places.mjs';
import { run, tail } from './run.mjs';

const deadlineMs = 5 * 60_000;
const biome = join('node_modules', '@biomejs', 'biome', 'bin', 'biome');
const tsc = join('node_modules', 'typescript', 'bin', 'tsc');

const checks = [
  { name: 'biome check', args: [biome, 'check', '--max-diagnostics=200'] },
  { name: 'tsc', args: [tsc, '--noEmit', '-p', '.'] },
  { name: 'tsc of the tests', args: [tsc, '--noEmit', '-p', 'test'] },
];

/** `npm run check`: the linter, which also enforces who may import whom, and the compiler. */
await asCommand(import.meta.url, async () => {
  await ensureDependencies();
  let failed = 0;
  for (const { name, args } of checks) {
    const { ok, output, why } = await run([process.execPath, ...args], { cwd: root, deadlineMs, what: name });
    console.log(ok ? `ok      ${name}` : `FAILED  ${name}\n${tail(output, 200)}\n${why}`);
    if (!ok) failed += 1;
  }
  return failed === 0 ? 0 : 1;
});
