/**
 * What the test runners counted, as JSON lines in the file that `HUBBUB_TEST_COUNTS` names.
 * `node scripts/counts.mjs FILE` prints their sum and fails on a failed test, on none at all, and on a skipped one where `CI` is set.
 */
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

/** Where everything is expected to be there (`CI=true`), a skipped test is one that nobody ran. */
export function skipsFail(env = process.env) {
  return !['', '0', 'false'].includes(env.CI ?? '');
}

export function addCounts(counts, file = process.env.HUBBUB_TEST_COUNTS) {
  if (file) appendFileSync(file, `${JSON.stringify(counts)}\n`);
}

export function sumCounts(file) {
  const lines = existsSync(file) ? readFileSync(file, 'utf8').split('\n').filter(Boolean) : [];
  const sum = { passed: 0, failed: 0, skipped: 0 };
  for (const line of lines) {
    const counts = JSON.parse(line);
    for (const key of Object.keys(sum)) sum[key] += counts[key];
  }
  return sum;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const { passed, failed, skipped } = sumCounts(process.argv[2]);
  console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`);
  if (passed === 0 || failed > 0 || (skipped > 0 && skipsFail())) process.exitCode = 1;
}
