import { readdirSync, readFileSync } from 'node:fs';

/**
 * Jest links CommonJS, because CommonJS Nest add-ons cannot require ESM under native ESM Jest. So swc compiles our TypeScript
 * and every dependency that is ESM; the list is read from node_modules, so that no one has to keep it.
 */
const read = (file) => {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return {};
  }
};
const packageNames = readdirSync('node_modules').flatMap((name) =>
  name.startsWith('@') ? readdirSync(`node_modules/${name}`).map((sub) => `${name}/${sub}`) : [name],
);
const esmPackages = packageNames.filter((name) => read(`node_modules/${name}/package.json`).type === 'module');
const tsconfig = JSON.parse(readFileSync('tsconfig.json', 'utf8'));

const jsc = {
  target: 'es2023',
  keepClassNames: true,
  transform: { legacyDecorator: true, decoratorMetadata: true, useDefineForClassFields: false },
};
const commonjs = { swcrc: false, module: { type: 'commonjs' }, sourceMaps: 'inline' };

/** @type {import('jest').Config} */
export default {
  testEnvironment: 'node',
  roots: ['<rootDir>/apps', '<rootDir>/libs', '<rootDir>/bench'],
  testMatch: ['**/*.spec.ts', '**/*.e2e-spec.ts'],
  moduleNameMapper: {
    ...Object.fromEntries(
      Object.entries(tsconfig.compilerOptions.paths).map(([alias, [file]]) => [`^${alias}$`, file.replace('./', '<rootDir>/')]),
    ),
    '^(\\.{1,2}/.*)\\.js$': '$1',
  },
  transform: {
    '\\.ts$': ['@swc/jest', { ...commonjs, jsc: { ...jsc, parser: { syntax: 'typescript', decorators: true } } }],
    '\\.m?js$': ['@swc/jest', { ...commonjs, jsc: { target: 'es2023', parser: { syntax: 'ecmascript' } } }],
  },
  transformIgnorePatterns: [`/node_modules/(?!(${esmPackages.join('|')})/)`],
  testTimeout: 20_000,
};
