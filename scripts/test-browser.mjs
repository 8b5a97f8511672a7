/**
 * `npm run test:browser`: people and operators at the built pages, in Chromium (`CHROMIUM` names another than the one it finds).
 * Arguments go to Jest.
 */
import { buildIfStale } from './build.mjs';
import { findChromium } from './chromium.mjs';
import { runNode } from './run-process.mjs';

const chromium = findChromium();
if (chromium === undefined) {
  console.error('the browser tests need Chromium: install it, or name one by CHROMIUM');
  process.exitCode = 1;
} else if (await buildIfStale()) {
  const { code } = await runNode(
    [
      'scripts/test.mjs',
      '--roots',
      'apps/web/test',
      '--testMatch',
      '**/*.browser-spec.ts',
      '--',
      ...process.argv.slice(2),
    ],
    { env: { ...process.env, CHROMIUM: chromium } },
  );
  process.exitCode = code;
} else {
  console.error('the browser tests were not run, because the build failed (see above)');
  process.exitCode = 1;
}
