/**
 * `npm run packages`: what is published, one folder a package below `dist/packages/`. CONTRIBUTING.md says how it is released.
 */
import { chmodSync, copyFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ALIASES, entriesOf } from './packages/aliases.mjs';
import { compile } from './packages/compile.mjs';
import { manifestOf } from './packages/manifest.mjs';
import { rewriteSpecifiers } from './packages/specifiers.mjs';
import { PACKAGES, packageOf } from './packages/table.mjs';
import { buildPages } from './pages.mjs';
import { ROOT } from './run-process.mjs';

/** @returns the folder of each package by its name; null when a type is wrong, which the compiler has printed */
export async function buildPackages(target = join(ROOT, 'dist/packages')) {
  const names = Object.keys(PACKAGES);
  const sources = names.flatMap((name) => [
    ...entriesOf(name).map(([, { source }]) => source),
    ...Object.values(PACKAGES[name].bin ?? {}).map((file) => `libs/${name}/src/${file}`),
  ]);
  const compiled = await compile(sources);
  if (compiled === null) return null;
  const files = compiled.map(publish);
  const packages = names.map((name) => {
    const own = files.filter(({ library }) => packageOf(library) === name);
    return { name, own, folder: join(target, name), manifest: manifestOf(name, own, entriesOf(name)) };
  });
  rmSync(target, { recursive: true, force: true });
  for (const { name, own, folder, manifest } of packages) write(folder, name, own, manifest);
  if (!(await buildPages(join(target, 'hubbub/pages')))) return null;
  return Object.fromEntries(packages.map(({ name, folder }) => [name, folder]));
}

/**
 * A compiled file as it stands in its package: what is of the same one is found by path, the others by name.
 * @throws Error for an entry of another package that it does not offer
 */
function publish({ library, path, js, map, types }) {
  const at = `lib/${library}/${path}`;
  const target = (specifier) => {
    const alias = ALIASES.get(specifier);
    if (alias === undefined) return specifier;
    const owner = packageOf(alias.library);
    if (owner === packageOf(library)) {
      const relative = posix.relative(posix.dirname(at), `${alias.file}.js`);
      return relative.startsWith('.') ? relative : `./${relative}`;
    }
    if (!alias.isPublic) throw new Error(`${at} imports ${specifier}, which @hubbub/${owner} does not offer`);
    return specifier;
  };
  return { library, path: at, js: rewriteSpecifiers(js, target), map, types: rewriteSpecifiers(types, target) };
}

function write(folder, name, files, manifest) {
  for (const { path, js, map, types } of files) {
    const file = join(folder, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(`${file}.js`, js);
    writeFileSync(`${file}.js.map`, map);
    writeFileSync(`${file}.d.ts`, types);
  }
  for (const file of Object.values(manifest.bin ?? {})) chmodSync(join(folder, file), 0o755);
  copyFileSync(join(ROOT, 'LICENSE'), join(folder, 'LICENSE'));
  copyFileSync(join(ROOT, 'libs', name, 'README.md'), join(folder, 'README.md'));
  writeFileSync(join(folder, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const folders = await buildPackages();
  for (const folder of Object.values(folders ?? {})) console.log(folder);
  process.exitCode = folders === null ? 1 : 0;
}
