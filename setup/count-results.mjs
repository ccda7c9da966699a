/**
 * Counts the results of a vitest JSON report. What did not run did not pass: skipped, pending and todo count as failed,
 * and so does a file that could not be loaded.
 * @param {unknown} report
 * @param {{ filtered?: boolean }} [settings] `filtered`: tests were chosen by name, so the others are not counted
 * @returns {{ passed: number, failed: number }}
 */
export function countResults(report, { filtered = false } = {}) {
  let passed = 0;
  let failed = 0;
  for (const file of filesOf(report)) {
    const results = file.assertionResults ?? [];
    const counted = filtered ? results.filter(({ status }) => status === 'passed' || status === 'failed') : results;
    const failures = counted.filter(({ status }) => status !== 'passed').length;
    passed += counted.length - failures;
    failed += failures;
    // Not loaded, or its hooks failed after tests that had passed.
    if (file.status !== 'passed' && failures === 0) failed += filtered && file.status !== 'failed' ? 0 : 1;
  }
  return { passed, failed };
}

/** The line that ends a run. @param {{ passed: number, failed: number }} counts */
export function resultLine({ passed, failed }) {
  return `${passed} passed, ${failed} failed`;
}

/** @param {unknown} report */
function filesOf(report) {
  const files = /** @type {{ testResults?: unknown }} */ (report)?.testResults;
  if (!Array.isArray(files)) throw new Error('This is no JSON report of vitest: it has no testResults.');
  return files;
}
