import { relative } from 'node:path';

/** More failed files than this are no bad luck of a busy machine: they are not run again. */
const mostFiles = 4;

/**
 * The files of a vitest JSON report that failed, when there are few enough that a second run, alone, tells a fault from
 * bad luck.
 * @param {unknown} report
 * @returns {string[]} paths; none when nothing failed or too much did
 */
export function filesToRunAgain(report) {
  const failed = filesOf(report).filter(({ status }) => status !== 'passed');
  return failed.length > mostFiles ? [] : failed.map(({ name }) => name);
}

/**
 * A report in which files that were run again have the results of their second run.
 * @param {unknown} first @param {unknown} second
 */
export function withSecondRun(first, second) {
  const again = new Map(filesOf(second).map((file) => [file.name, file]));
  return { testResults: filesOf(first).map((file) => again.get(file.name) ?? file) };
}

/**
 * One line for each test that failed at first and passed when its file was run again alone: it is counted as passed, and
 * never silently.
 * @param {unknown} first @param {unknown} second @param {string} root paths are told from here
 * @returns {string[]}
 */
export function unsteady(first, second, root) {
  const before = new Map(filesOf(first).map((file) => [file.name, file]));
  return filesOf(second)
    .filter(({ status }) => status === 'passed')
    .flatMap((file) => {
      const results = before.get(file.name)?.assertionResults ?? [];
      const names = results.filter(({ status }) => status !== 'passed').map(({ fullName, title }) => fullName ?? title);
      return (names.length > 0 ? names : ['(the file itself)']).map((name) => `${relative(root, file.name)}: ${name}`);
    });
}

/**
 * @param {unknown} report
 * @returns {{ name: string, status: string, assertionResults?: { status: string, title: string, fullName?: string }[] }[]}
 */
function filesOf(report) {
  return /** @type {{ testResults?: any[] }} */ (report)?.testResults ?? [];
}
