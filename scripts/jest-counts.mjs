/** Jest reporter: names what was skipped, fails the run for it where `CI` is set, and adds the run's counts to `HUBBUB_TEST_COUNTS`. */
import { relative } from 'node:path';
import { addCounts, skipsFail } from './counts.mjs';

export default class JestCounts {
  #error;

  constructor(globalConfig) {
    this.rootDir = globalConfig.rootDir;
  }

  onRunComplete(_contexts, results) {
    const skipped = results.numPendingTests + results.numTodoTests;
    for (const suite of results.testResults) {
      const titles = suite.testResults.filter((test) => ['pending', 'skipped', 'todo'].includes(test.status));
      if (titles.length === 0) continue;
      console.log(
        `skipped: ${titles.length} in ${relative(this.rootDir, suite.testFilePath)} (${titles[0].fullName}${titles.length > 1 ? ', …' : ''})`,
      );
    }
    // A suite that could not be loaded has no failed test, and must not vanish from the sum for that.
    addCounts({
      passed: results.numPassedTests,
      failed: results.numFailedTests + results.numRuntimeErrorTestSuites,
      skipped,
    });
    if (skipped > 0 && skipsFail()) this.#error = new Error(`${skipped} tests were skipped, and CI is set`);
  }

  getLastError() {
    return this.#error;
  }
}
