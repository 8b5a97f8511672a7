/** `npm run check`: format, lint, types and the import table. All of them run, also when one fails, so that one run names everything. */
import { existsSync } from 'node:fs';
import { ROOT, runNode } from './run-process.mjs';

const folders = ['apps', 'libs', 'bench'].filter((folder) => existsSync(`${ROOT}/${folder}`));

const STEPS = {
  // `npm run format` mends what this names.
  format: ['node_modules/@biomejs/biome/bin/biome', 'check', '.'],
  lint: ['node_modules/oxlint/bin/oxlint', '--type-aware', '--deny-warnings'],
  types: ['node_modules/typescript7/bin/tsc', '-p', 'tsconfig.json'],
  'types in browsers': ['node_modules/typescript7/bin/tsc', '-p', 'apps/web'],
  imports: [
    'node_modules/dependency-cruiser/bin/dependency-cruise.mjs',
    '--config',
    '.dependency-cruiser.mjs',
    '--output-type',
    'err-long',
    ...folders,
  ],
};

const failed = [];
for (const [name, args] of Object.entries(STEPS)) {
  console.log(`\n--- ${name}`);
  const started = performance.now();
  const { code } = await runNode(args);
  console.log(`--- ${name}: ${code === 0 ? 'ok' : 'FAILED'} (${((performance.now() - started) / 1000).toFixed(1)} s)`);
  if (code !== 0) failed.push(name);
}
console.log(failed.length === 0 ? '\ncheck passed' : `\ncheck failed: ${failed.join(', ')}`);
process.exitCode = failed.length === 0 ? 0 : 1;
