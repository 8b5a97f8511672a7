/**
 * `npm run build`: the gateway, the chat client, the libraries and the benchmarks into `dist/`, in one pass of the Nest CLI.
 *
 * `dist/` is removed first, because a file whose source is gone would still be found by an import. The stamp is written last,
 * so that a build that failed or was interrupted is made again by the next `npm start`.
 */
import { rmSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { fingerprint, isFresh, writeStamp } from './freshness.mjs';
import { ROOT, runNode } from './run-process.mjs';

/** Builds everything. @returns true if it worked; the compiler has printed what did not */
export async function build() {
  const sources = fingerprint(ROOT);
  rmSync(`${ROOT}/dist`, { recursive: true, force: true });
  const { code } = await runNode(['node_modules/@nestjs/cli/bin/nest.js', 'build']);
  if (code !== 0) return false;
  writeStamp(ROOT, sources);
  return true;
}

/** Builds only if the sources are not those that `dist/` was made of. */
export async function buildIfStale() {
  return isFresh(ROOT) || (await build());
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) process.exitCode = (await build()) ? 0 : 1;
