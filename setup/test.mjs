import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { asCommand } from './as-command.mjs';
import { runAttached } from './attached.mjs';
import { countResults, resultLine } from './count-results.mjs';
import { root } from './places.mjs';
import { setUp } from './steps.mjs';

const byName = ['-t', '--testNamePattern'];

/** `npm test [-- arguments of vitest]`; TEST_REPORT names the file that the JSON report is kept in. */
await asCommand(import.meta.url, async (args) => {
  await setUp({ forTests: true });
  const kept = process.env.TEST_REPORT;
  mkdirSync(join(root, '.cache'), { recursive: true });
  const folder = mkdtempSync(join(root, '.cache', 'test-'));
  const report = kept ?? join(folder, 'report.json');
  try {
    mkdirSync(dirname(report), { recursive: true });
    rmSync(report, { force: true });
    const code = await runVitest(report, args);
    const counts = countsOf(report, { filtered: args.some((arg) => byName.includes(arg.split('=')[0] ?? '')) });
    // Errors outside any test fail the run and stand in no result.
    const failed = code !== 0 && counts.failed === 0 ? 1 : counts.failed;
    if (failed !== counts.failed) console.log(`vitest itself ended with code ${code}: counted as one failure`);
    console.log(resultLine({ passed: counts.passed, failed }));
    return failed > 0 || counts.passed === 0 ? 1 : 0;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

/** @param {string} report @param {readonly string[]} args */
function runVitest(report, args) {
  const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs');
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
  return runAttached([process.execPath, vitest, 'run', ...reporters, ...args], { cwd: root, env: process.env });
}

/** @param {string} report @param {{ filtered: boolean }} settings */
function countsOf(report, settings) {
  try {
    return countResults(JSON.parse(readFileSync(report, 'utf8')), settings);
  } catch (error) {
    console.log(`There is no report of this run: ${error.message}`);
    return { passed: 0, failed: 1 };
  }
}
