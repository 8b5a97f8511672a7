/** The package.json of a published package: what its files import, in the ranges that the project's own package.json asks for. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { ROOT } from '../run-process.mjs';
import { packageNameOf, specifiersOf } from './specifiers.mjs';
import { PACKAGES, PEERS } from './table.mjs';

const project = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
const asked = { ...project.devDependencies, ...project.dependencies };

/**
 * @param name of the package, without the scope
 * @param files of it, as they are published
 * @param entries what others import: the specifier within the package, and where its file stands
 * @throws Error for an import that package.json does not name, and for an optional one that is not put off
 */
export function manifestOf(name, files, entries) {
  const { description, keywords, bin = {}, peerEntries = [], effects = [], folders = [] } = PACKAGES[name];
  const bins = Object.entries(bin).map(([command, file]) => [command, `lib/${name}/${file.replace(/\.ts$/, '.js')}`]);
  const eager = entries.filter(([at]) => !peerEntries.includes(at)).map(([, { file }]) => file);
  assertLazy(name, files, [...eager, ...bins.map(([, file]) => file)]);
  const loud = [
    ...bins.map(([, file]) => file),
    ...entries.filter(([at]) => effects.includes(at)).map(([, { file }]) => `${file}.js`),
  ];
  return {
    name: `@hubbub/${name}`,
    version: project.version,
    description,
    keywords: ['hubbub', 'realtime', 'websocket', ...keywords],
    license: project.license,
    ...origin(),
    type: 'module',
    sideEffects: loud.length === 0 ? false : loud.map((file) => `./${file}`),
    engines: project.engines,
    files: ['lib', ...folders],
    exports: {
      ...Object.fromEntries(
        entries.map(([at, { file }]) => [at, { types: `./${file}.d.ts`, default: `./${file}.js` }]),
      ),
      './package.json': './package.json',
    },
    ...unlessEmpty({ bin: Object.fromEntries(bins), ...dependenciesOf(name, files) }),
    publishConfig: { access: 'public', provenance: true },
  };
}

function dependenciesOf(name, files) {
  const { loads = [], optional = [], optionalPeers = [], ranges = {} } = PACKAGES[name];
  const kinds = { dependencies: {}, optionalDependencies: {}, peerDependencies: {} };
  const kindOf = (dependency) => {
    if (PEERS.includes(dependency) || optionalPeers.includes(dependency)) return 'peerDependencies';
    return optional.includes(dependency) ? 'optionalDependencies' : 'dependencies';
  };
  const add = (dependency, by) => {
    kinds[kindOf(dependency)][dependency] = ranges[dependency] ?? rangeOf(dependency, by);
    // Types that come apart from their package come with who speaks of them; those of any version are its users' own.
    const types = `@types/${dependency}`;
    if (asked[types] !== undefined && ranges[dependency] === undefined) kinds.dependencies[types] = rangeOf(types, by);
  };
  for (const dependency of loads) add(dependency, 'the table of packages');
  for (const { path, js, types } of files)
    for (const { specifier } of [...specifiersOf(js), ...specifiersOf(types)]) {
      const dependency = packageNameOf(specifier);
      if (dependency !== undefined) add(dependency, path);
    }
  if (kinds.peerDependencies['@nestjs/common'] !== undefined) add('reflect-metadata', 'what swc emits');
  const sorted = (ranges) => Object.fromEntries(Object.entries(ranges).sort(([a], [b]) => (a < b ? -1 : 1)));
  const missable = Object.keys(kinds.peerDependencies).filter((peer) => optionalPeers.includes(peer));
  return {
    ...Object.fromEntries(Object.entries(kinds).map(([kind, ranges]) => [kind, sorted(ranges)])),
    peerDependenciesMeta: Object.fromEntries(missable.sort().map((peer) => [peer, { optional: true }])),
  };
}

/** What is not installed everywhere must not be asked for where it is not used. */
function assertLazy(name, files, entries) {
  const { optional = [], optionalPeers = [] } = PACKAGES[name];
  const byPath = new Map(files.map((file) => [file.path, file]));
  const reached = new Set(entries.map((file) => file.replace(/\.js$/, '')));
  for (const path of reached)
    for (const { specifier, isDynamic } of specifiersOf(byPath.get(path).js)) {
      if (isDynamic) continue;
      if (specifier.startsWith('.')) reached.add(posix.join(posix.dirname(path), specifier).replace(/\.js$/, ''));
      else if ([...optional, ...optionalPeers].includes(packageNameOf(specifier)))
        throw new Error(`${path} imports ${specifier}, which is optional, as soon as it is imported itself`);
    }
}

const unlessEmpty = (fields) =>
  Object.fromEntries(Object.entries(fields).filter(([, field]) => Object.keys(field).length > 0));

/** What we are tested with is the oldest that we ask for. Our own packages are released together and know each other's inside. */
function rangeOf(dependency, by) {
  if (dependency.startsWith('@hubbub/')) return project.version;
  const range = asked[dependency];
  if (range === undefined) throw new Error(`${by} imports ${dependency}, which package.json does not name`);
  return /^\d/.test(range) ? `^${range}` : range;
}

/** Where the sources are, which a registry compares with where a package was made. Nothing for a clone of a folder. */
function origin() {
  let url;
  try {
    url = execFileSync('git', ['remote', 'get-url', 'origin'], { cwd: ROOT, encoding: 'utf8', stdio: 'pipe' }).trim();
  } catch {
    return {};
  }
  const [, host, path] = /^(?:https:\/\/|(?:ssh:\/\/)?git@)([\w.-]+)[/:](.+?)(?:\.git)?$/.exec(url) ?? [];
  if (host === undefined) return {};
  const page = `https://${host}/${path}`;
  return {
    repository: { type: 'git', url: `git+${page}.git` },
    homepage: `${page}#readme`,
    bugs: `${page}/issues`,
  };
}
