/**
 * `npm run test:built`: the tests that need plain Node rather than Jest: the built gateway, and the scripts themselves.
 * Jest links CommonJS, so only these see what `npm start` really runs.
 */
import { readdirSync } from 'node:fs';
import { buildIfStale } from './build.mjs';
import { ROOT, runNode } from './run-process.mjs';

if (await buildIfStale()) {
  const tests = readdirSync(`${ROOT}/scripts`).filter((file) => file.endsWith('.test.mjs'));
  const reporters = { spec: 'stdout', './scripts/node-counts.mjs': 'stdout' };
  const { code } = await runNode([
    '--test',
    ...Object.entries(reporters).flatMap(([name, to]) => [
      `--test-reporter=${name}`,
      `--test-reporter-destination=${to}`,
    ]),
    ...tests.map((file) => `scripts/${file}`),
  ]);
  process.exitCode = code;
} else {
  console.error('the tests of the built gateway were not run, because the build failed (see above)');
  process.exitCode = 1;
}
