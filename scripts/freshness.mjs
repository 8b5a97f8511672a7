/** Whether `dist/` was built from the sources as they are now. */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, sep } from 'node:path';

const SOURCE_FOLDERS = ['apps', 'bench', 'libs'];
const CONFIGURATION = [
  '.swcrc',
  'nest-cli.json',
  'package-lock.json',
  'tsconfig.json',
  'apps/gateway/tsconfig.app.json',
];
/** What the compilers read: of the pages, also markup, styles and pictures. */
const SOURCE = /\.ts$|^apps\/web\/.*\.(tsx|html|css|svg)$/;
const STAMP = 'dist/.sources';

/**
 * A hash over the names and contents of everything that is compiled. Contents rather than times, because a checkout, a copy
 * or a deleted file changes what would be built without making any file newer.
 */
export function fingerprint(root) {
  const hash = createHash('sha256');
  for (const file of sourceFiles(root))
    hash
      .update(`${file}\0`)
      .update(readFileSync(join(root, file)))
      .update('\0');
  return hash.digest('hex');
}

/** True if the last build succeeded and was made from what `root` holds now. */
export function isFresh(root) {
  const stamp = join(root, STAMP);
  return existsSync(stamp) && readFileSync(stamp, 'utf8') === fingerprint(root);
}

/** Notes what `dist/` was made of; `sources` was taken before the build, so that an edit meanwhile counts as newer. */
export function writeStamp(root, sources) {
  writeFileSync(join(root, STAMP), sources);
}

/** From now on `dist/` is not known to be whole. */
export function removeStamp(root) {
  rmSync(join(root, STAMP), { force: true });
}

function sourceFiles(root) {
  const files = SOURCE_FOLDERS.flatMap((folder) =>
    existsSync(join(root, folder))
      ? readdirSync(join(root, folder), { recursive: true }).map((name) => join(folder, name).split(sep).join('/'))
      : [],
  );
  const compiled = files.filter(
    (file) => SOURCE.test(file) && !file.endsWith('spec.ts') && !/node_modules\/|^apps\/web\/test\//.test(file),
  );
  return [...compiled, ...CONFIGURATION.filter((file) => existsSync(join(root, file)))].sort();
}
