/**
 * `npm run build`: the gateway, the chat client, the libraries and the benchmarks into `dist/`, in one pass of the Nest CLI; and the
 * pages of `apps/web`, by Vite.
 *
 * Files are replaced one by one, so that a gateway that runs from `dist/` still finds what it imports late. What this build did
 * not write goes afterwards: a file whose source is gone would still be found by an import. The stamp is taken away first and
 * written last, so that a build that failed or was interrupted is made again by the next `npm start`.
 */
import { cpSync, existsSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { fingerprint, isFresh, removeStamp, writeStamp } from './freshness.mjs';
import { buildPages } from './pages.mjs';
import { ROOT, runNode } from './run-process.mjs';

const DIST = join(ROOT, 'dist');
/** Made by `npm run packages`, and of no interest to anything that is started. */
const PACKAGES = join(DIST, 'packages');
/** Of the scripts, what the libraries' test helpers import; the benchmarks use those as they are built. */
const IMPORTED_SCRIPT = 'scripts/free-port.mjs';

/** Builds everything. @returns true if it worked; the compiler has printed what did not */
export async function build() {
  const sources = fingerprint(ROOT);
  const before = timesOf(DIST);
  removeStamp(ROOT);
  const [{ code }, pagesWork] = await Promise.all([
    runNode(['node_modules/@nestjs/cli/bin/nest.js', 'build']),
    buildPages(join(DIST, 'apps/web')),
  ]);
  if (code !== 0 || !pagesWork) return false;
  cpSync(join(ROOT, IMPORTED_SCRIPT), join(DIST, IMPORTED_SCRIPT));
  for (const [file, time] of timesOf(DIST)) if (before.get(file) === time) rmSync(file);
  writeStamp(ROOT, sources);
  return true;
}

/** Builds only if the sources are not those that `dist/` was made of. */
export async function buildIfStale() {
  return isFresh(ROOT) || (await build());
}

/** When each file below `folder` was written. */
function timesOf(folder) {
  if (!existsSync(folder)) return new Map();
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter(
    (entry) => entry.isFile() && !entry.parentPath.startsWith(PACKAGES),
  );
  return new Map(
    files.map((entry) => join(entry.parentPath, entry.name)).map((file) => [file, statSync(file).mtimeMs]),
  );
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  void build().then((worked) => {
    process.exitCode = worked ? 0 : 1;
  });
}
