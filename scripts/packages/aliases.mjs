/** The entries of the libraries, as tsconfig.json names them. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../run-process.mjs';
import { packageOf } from './table.mjs';

const { paths } = JSON.parse(readFileSync(join(ROOT, 'tsconfig.json'), 'utf8')).compilerOptions;

/** By specifier: the library, the file without its ending as it stands in a package, and whether a package offers it. */
export const ALIASES = new Map(
  Object.entries(paths).map(([specifier, [source]]) => {
    const [, library, path] = /^\.\/libs\/([^/]+)\/src\/(.+)\.ts$/.exec(source);
    const isPublic = packageOf(library) === library && !path.startsWith('testing/');
    return [specifier, { library, source: source.slice(2), file: `lib/${library}/${path}`, isPublic }];
  }),
);

/** The entries that a package offers: the specifier within it, and its entry above. */
export function entriesOf(name) {
  return [...ALIASES]
    .filter(([, { library, isPublic }]) => isPublic && library === name)
    .map(([specifier, alias]) => [specifier.replace(`@hubbub/${name}`, '.'), alias]);
}
