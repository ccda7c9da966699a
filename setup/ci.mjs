import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { asCommand } from './as-command.mjs';
import { runBounded } from './bounded.mjs';
import { countResults, resultLine } from './count-results.mjs';
import { root } from './places.mjs';

const minute = 60_000;
const report = join(root, '.cache', 'ci', 'report.json');

/** `.ci/run`: the commands of the README, as a user types them. Check and demo count as one result each. */
await asCommand(import.meta.url, async () => {
  mkdirSync(join(root, '.cache', 'ci'), { recursive: true });
  rmSync(report, { force: true });
  const check = await npm(['run', 'check'], 'check', 10 * minute);
  const test = await npm(['test'], 'test', 60 * minute);
  const demo = await npm(['run', 'demo'], 'demo', 15 * minute);
  const tests = countTests(test);
  const others = [check, demo];
  const passed = tests.passed + others.filter((ok) => ok).length;
  const failed = tests.failed + others.filter((ok) => !ok).length;
  console.log(`check ${check ? 'passed' : 'FAILED'}; tests ${resultLine(tests)}; demo ${demo ? 'passed' : 'FAILED'}`);
  console.log(resultLine({ passed, failed }));
  return failed === 0 ? 0 : 1;
});

/** @param {readonly string[]} args @param {string} name @param {number} deadlineMs */
async function npm(args, name, deadlineMs) {
  console.log(`\n=== npm ${args.join(' ')}`);
  const startedAt = Date.now();
  const env = { ...process.env, CI: 'true', DEBIAN_FRONTEND: 'noninteractive', TEST_REPORT: report };
  const why = await runBounded(['npm', ...args], {
    cwd: root,
    env,
    deadlineMs,
    log: join(root, '.cache', 'ci', `${name}.log`),
  });
  console.log(`=== ${name}: ${why === '' ? 'passed' : why} after ${Math.round((Date.now() - startedAt) / 1000)} s`);
  return why === '';
}

/** @param {boolean} ok whether `npm test` itself ended well */
function countTests(ok) {
  try {
    const counts = countResults(JSON.parse(readFileSync(report, 'utf8')));
    return !ok && counts.failed === 0 ? { ...counts, failed: 1 } : counts;
  } catch (error) {
    console.log(`There is no report of the tests: ${error.message}`);
    return { passed: 0, failed: 1 };
  }
}
