import { existsSync, readdirSync, readFileSync } from 'node:fs';

/**
 * Jest links CommonJS, because CommonJS Nest add-ons cannot require ESM under native ESM Jest. So swc compiles our TypeScript
 * and every dependency that is ESM; the list is read from node_modules, so that no one has to keep it.
 */
const root = import.meta.dirname;
/** Clients of tests wait so long for what does not come: longer than a busy machine takes, shorter than the limit of a test. */
process.env.TEST_PATIENCE_MS ??= '15000';
const read = (file) => (existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {});
const modules = `${root}/node_modules`;
const packageNames = readdirSync(modules).flatMap((name) =>
  name.startsWith('@') ? readdirSync(`${modules}/${name}`).map((sub) => `${name}/${sub}`) : [name],
);
const esmPackages = packageNames.filter((name) => read(`${modules}/${name}/package.json`).type === 'module');
const aliases = read(`${root}/tsconfig.json`).compilerOptions.paths;

const jsc = {
  target: 'es2023',
  keepClassNames: true,
  transform: { legacyDecorator: true, decoratorMetadata: true, useDefineForClassFields: false },
};
const commonjs = { swcrc: false, module: { type: 'commonjs' }, sourceMaps: 'inline' };

/** @type {import('jest').Config} */
export default {
  testEnvironment: 'node',
  roots: ['apps', 'libs', 'bench']
    .filter((folder) => existsSync(`${root}/${folder}`))
    .map((folder) => `<rootDir>/${folder}`),
  testMatch: ['**/*.spec.ts', '**/*.e2e-spec.ts'],
  moduleNameMapper: {
    ...Object.fromEntries(
      Object.entries(aliases).map(([alias, [file]]) => [`^${alias}$`, file.replace('./', '<rootDir>/')]),
    ),
    '^(\\.{1,2}/.*)\\.js$': '$1',
    // What pages hold is tested without what shows it: signals alone, as Preact itself is there as ESM only.
    '^@preact/signals$': '@preact/signals-core',
  },
  transform: {
    '\\.ts$': ['@swc/jest', { ...commonjs, jsc: { ...jsc, parser: { syntax: 'typescript', decorators: true } } }],
    '\\.m?js$': ['@swc/jest', { ...commonjs, jsc: { target: 'es2023', parser: { syntax: 'ecmascript' } } }],
  },
  transformIgnorePatterns: [`/node_modules/(?!(${esmPackages.join('|')})/)`],
  // Compiled once per clone, and shared with nobody.
  cacheDirectory: '<rootDir>/node_modules/.cache/jest',
  // Jest leaves one core to itself, which on two cores means one suite at a time.
  maxWorkers: '100%',
  // What suites leave behind adds up to gigabytes, which the collector walks through again and again.
  workerIdleMemoryLimit: '1GB',
  reporters: ['default', '<rootDir>/scripts/jest-counts.mjs'],
  testTimeout: 60_000,
};
