// @ts-check
/** What a test run came to, read from the file that Vitest's JSON reporter writes. Pure. */

/**
 * @typedef {object} Tally
 * @property {number} passed
 * @property {number} failed tests, and files that failed without a failing test (they did not load, a hook threw)
 * @property {string[]} troubles one sentence for each failure that is no test's; for people
 */

/**
 * @param {string} json
 * @param {number | string} end the runner's exit code, or the signal that ended it
 * @returns {Tally} never all green when the runner itself was not
 */
export function tally(json, end) {
  const report = parseReport(json);
  if (report === undefined)
    return { passed: 0, failed: 1, troubles: [`Vitest wrote no report; it ended with ${end}.`] };
  const broken = report.testResults.filter(
    (file) => file.status === 'failed' && !file.assertionResults.some((test) => test.status === 'failed'),
  );
  const count = (/** @type {string} */ status) =>
    report.testResults.reduce(
      (sum, file) => sum + file.assertionResults.filter((test) => test.status === status).length,
      0,
    );
  const [passed, failed] = [count('passed'), count('failed') + broken.length];
  const troubles = broken.map(
    (file) => `${file.name} failed outside its tests: ${file.message?.split('\n')[0] || 'see above'}`,
  );
  if (passed + failed === 0) troubles.push('No test ran.');
  const silent = end !== 0 && failed === 0 && passed > 0;
  if (silent) troubles.push(`Every test passed, yet Vitest ended with ${end}: see above.`);
  return { passed, failed: silent ? 1 : failed, troubles };
}

/** @param {Tally} tally @returns {string} the last line of a run; machines read it */
export function lastLine({ passed, failed }) {
  return `${passed} passed, ${failed} failed`;
}

/** @param {Tally} tally @returns {0 | 1} nothing ran: nothing is proven */
export function exitCode({ passed, failed }) {
  return failed > 0 || passed === 0 ? 1 : 0;
}

/**
 * @typedef {{ name: string, status: string, message?: string, assertionResults: { status: string }[] }} FileResult
 *
 * @param {string} json
 * @returns {{ testResults: FileResult[] } | undefined}
 */
function parseReport(json) {
  try {
    const report = JSON.parse(json);
    return Array.isArray(report?.testResults) ? report : undefined;
  } catch {
    return undefined;
  }
}
