/** `npm run dev`: builds, starts the gateway, and does both again whenever a source changes. Arguments go to the gateway. */
import { join } from 'node:path';
import { removeStamp } from './freshness.mjs';
import { buildPages } from './pages.mjs';
import { ROOT, runNode } from './run-process.mjs';

// What the watcher leaves behind is not known to be whole, so the next `npm start` builds afresh.
removeStamp(ROOT);
await buildPages(join(ROOT, 'dist/apps/web'));
const args = process.argv.slice(2);
// A group of its own: the watcher does not end the gateway when it is ended itself, which would keep the port.
const { code } = await runNode(
  ['node_modules/@nestjs/cli/bin/nest.js', 'start', '--watch', ...(args.length > 0 ? ['--', ...args] : [])],
  { group: true },
);
process.exitCode = code;
