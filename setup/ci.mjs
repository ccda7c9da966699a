import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { asCommand } from './as-command.mjs';
import { runBounded } from './bounded.mjs';
import { countResults, resultLine } from './count-results.mjs';
import { root } from './places.mjs';
import { filesToRunAgain, unsteady, withSecondRun } from './second-run.mjs';

const minute = 60_000;
const reports = join(root, '.cache', 'ci');
const report = join(reports, 'report.json');
const secondReport = join(reports, 'report-second.json');

/** `.ci/run`: the commands of the README, as a user types them. Check and demo count as one result each. */
await asCommand(import.meta.url, async () => {
  mkdirSync(reports, { recursive: true });
  for (const old of [report, secondReport]) rmSync(old, { force: true });
  const check = await npm(['run', 'check'], 'check', 10 * minute);
  const test = await npm(['test'], 'test', 45 * minute, { TEST_REPORT: report });
  const demo = await twice('demo', () => npm(['run', 'demo'], 'demo', 10 * minute));
  const tests = test ? countTests(readReport(report), test) : await lookAgain(readReport(report));
  const others = [check, demo];
  const passed = tests.passed + others.filter((ok) => ok).length;
  const failed = tests.failed + others.filter((ok) => !ok).length;
  console.log(`check ${check ? 'passed' : 'FAILED'}; tests ${resultLine(tests)}; demo ${demo ? 'passed' : 'FAILED'}`);
  console.log(resultLine({ passed, failed }));
  return failed === 0 ? 0 : 1;
});

/** @param {readonly string[]} args @param {string} name @param {number} deadlineMs @param {NodeJS.ProcessEnv} [more] */
async function npm(args, name, deadlineMs, more = {}) {
  console.log(`\n=== npm ${args.join(' ')}`);
  const startedAt = Date.now();
  const env = { ...process.env, CI: 'true', DEBIAN_FRONTEND: 'noninteractive', ...more };
  const why = await runBounded(['npm', ...args], {
    cwd: root,
    env,
    deadlineMs,
    log: join(root, '.cache', 'ci', `${name}.log`),
  });
  console.log(`=== ${name}: ${why === '' ? 'passed' : why} after ${Math.round((Date.now() - startedAt) / 1000)} s`);
  return why === '';
}

/** @param {string} name @param {() => Promise<boolean>} run */
async function twice(name, run) {
  if (await run()) return true;
  const ok = await run();
  if (ok) console.log(`UNSTEADY, passed only at the second try: ${name}`);
  return ok;
}

/**
 * Runs the few files that failed once more, alone: a fault fails again, bad luck of a busy machine does not. What passes
 * only then is named, so that nobody takes it for steady.
 * @param {unknown} first
 */
async function lookAgain(first) {
  const files = filesToRunAgain(first);
  if (files.length === 0) return countTests(first, false);
  const ok = await npm(['test', '--', ...files], 'test-second', 20 * minute, { TEST_REPORT: secondReport });
  const second = readReport(secondReport);
  for (const line of unsteady(first, second, root)) console.log(`UNSTEADY, passed only at the second try: ${line}`);
  return countTests(withSecondRun(first, second), ok);
}

/** @param {string} file @returns {unknown} nothing when there is no report */
function readReport(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    console.log(`There is no report of the tests: ${error.message}`);
    return undefined;
  }
}

/** @param {unknown} results @param {boolean} ok whether `npm test` itself ended well */
function countTests(results, ok) {
  if (results === undefined) return { passed: 0, failed: 1 };
  const counts = countResults(results);
  return !ok && counts.failed === 0 ? { ...counts, failed: 1 } : counts;
}
