/**
 * Runs a program of this project, after building what is absent or out of date:
 *
 *     node scripts/run.mjs apps/gateway/src/main --config my.yaml      # dist/apps/gateway/src/main.js
 *     node scripts/run.mjs bench/soak/main.mjs --seconds 600           # a script that uses what was built
 *
 * The program runs in this very process: signals, exit code, terminal and arguments are its own, with nothing in between
 * to pass them on.
 */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { buildIfStale } from './build.mjs';
import { ROOT } from './run-process.mjs';

const [program, ...args] = process.argv.slice(2);
if (program === undefined) {
  console.error('usage: node scripts/run.mjs apps/<app>/src/<program> [arguments]');
  process.exit(2);
}
if (!(await buildIfStale())) {
  console.error(`${program} was not started, because the build failed (see above).`);
  process.exit(1);
}
const file = program.endsWith('.mjs') ? resolve(ROOT, program) : resolve(ROOT, 'dist', `${program}.js`);
if (!existsSync(file)) {
  console.error(`There is no ${program.endsWith('.mjs') ? program : `${program}.ts`} in this project.`);
  process.exit(1);
}
process.setSourceMapsEnabled(true);
process.argv = [process.execPath, file, ...args];
await import(pathToFileURL(file).href);
