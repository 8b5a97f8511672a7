/**
 * Who may import whom. `npm run check` applies it; `scripts/import-table.test.mjs` breaks every rule once and sees it named.
 */

import { readFileSync } from 'node:fs';

/** What each library may import of ours. In the chain, a library may import the one before it and whatever that one may. */
const base = ['protocol'];
const services = [...base, 'config', 'observability'];
const auth = [...services, 'transport', 'bus', 'storage', 'cluster', 'cache'];
const messages = [...auth, 'auth'];
const rooms = [...messages, 'messages'];
const presence = [...rooms, 'rooms'];
const outside = [...presence, 'presence'];
const operator = [...outside, 'services'];
const hubbub = [...operator, 'operator'];

export const TABLE = {
  'libs/protocol': [],
  'libs/config': base,
  'libs/observability': base,
  'libs/bus': [...base, 'observability'],
  'libs/storage': services,
  'libs/cluster': [...services, 'bus', 'storage'],
  'libs/cache': [...services, 'bus'],
  'libs/transport': services,
  'libs/auth': auth,
  'libs/messages': messages,
  'libs/rooms': rooms,
  'libs/presence': presence,
  'libs/services': outside,
  'libs/operator': operator,
  'libs/hubbub': hubbub,
  'libs/sdk': base,
  'libs/client': base,
  'libs/testing': [...base, 'hubbub', 'client'],
  'apps/gateway': ['hubbub', 'config'],
  'apps/chat': ['client', 'protocol'],
  'apps/moderator': ['sdk'],
  'apps/web': ['client', 'protocol'],
};

/** Tests and what is only there for them; they may import any `…/testing`. */
const TEST = String.raw`(spec\.ts$|/testing/|^apps/[^/]+/test/|^bench/)`;
/** Of the client: what is for Node alone, and helpers for frameworks, which are peers that only their users have. */
const NODE_ENTRY = String.raw`^libs/client/src/file-outbox\.ts$`;
const FRAMEWORK_ENTRY = String.raw`^libs/client/src/(react|vue)\.ts$`;
const TESTING_ENTRY = String.raw`^libs/([^/]+/src/testing|testing/src)/index\.ts$`;
/** What only documents are made of: apart from the entry of its library, so that no client carries it. */
const CONTRACT_ENTRY = String.raw`^libs/protocol/src/contract/index\.ts$`;
/** The other entries of libraries, as tsconfig.json names them: whoever may import the library may import these. */
const { paths } = JSON.parse(readFileSync(new URL('tsconfig.json', import.meta.url), 'utf8')).compilerOptions;
const FURTHER = Object.values(paths)
  .map(([file]) => file.slice('./'.length))
  .filter((file) => !/^libs\/[^/]+\/src\/((testing|contract)\/)?index\.ts$/.test(file))
  .map((file) => `^${file.replaceAll('.', String.raw`\.`)}$`);
const entriesOf = (names) =>
  names.flatMap((name) => [
    `^libs/${name}/src/index\\.ts$`,
    ...FURTHER.filter((path) => path.startsWith(`^libs/${name}/`)),
  ]);
/** Where tables, columns and statements are written. */
const SQL = String.raw`(^libs/storage/|[.-](entity|entities|store|module)\.ts$|/migrations?/|[.-]migrations?\.ts$)`;

/** Each outside technology lives in one place. A type of it costs nothing, so `types` may be imported anywhere. */
const TECHNOLOGIES = [
  { name: 'ws', packages: 'ws|@nestjs/platform-ws', only: '^(libs/(transport|testing)|apps/chat)/' },
  { name: 'sql', packages: 'typeorm|@nestjs/typeorm|better-sqlite3|pg|mysql2', only: SQL, types: true },
  { name: 'nats', packages: '@nats-io/[^/]+', only: '^libs/((bus|services)/src/nats|sdk)/' },
  { name: 'redis', packages: 'ioredis', only: '^libs/(bus|cache)/src/redis/' },
];

/** The files of npm packages, wherever the resolver found them; the name alone when they are not installed. */
const npm = (packages) => `((^|/)node_modules/(${packages})/|^(${packages})$)`;

const tableRules = Object.entries(TABLE).map(([folder, allowed]) => ({
  name: `table: ${folder}`,
  comment: `of ours it may import ${allowed.join(', ') || 'nothing'}`,
  from: { path: `^${folder}/`, pathNot: TEST },
  to: {
    path: '^(libs|apps|bench)/',
    pathNot: [`^${folder}/`, CONTRACT_ENTRY, ...entriesOf(allowed)],
  },
}));

/** The tests of a library keep to its row too, but for the test kits. */
const testRules = Object.entries(TABLE).map(([folder, allowed]) => ({
  name: `table: tests of ${folder}`,
  comment: `of ours they may import ${allowed.join(', ') || 'nothing'}, and any …/testing`,
  from: { path: `^${folder}/.*${TEST}` },
  to: {
    path: '^(libs|apps|bench)/',
    pathNot: [`^${folder}/`, TESTING_ENTRY, CONTRACT_ENTRY, ...entriesOf(allowed)],
  },
}));

const technologyRules = TECHNOLOGIES.map(({ name, packages, only, types }) => ({
  name: `technology: ${name}`,
  comment: `only in ${only}, and in tests`,
  from: { path: '^(libs|apps)/', pathNot: [only, TEST] },
  to: { path: npm(packages), ...(types ? { dependencyTypesNot: ['type-only'] } : {}) },
}));

const placeRules = [
  {
    name: 'library by its entry',
    comment: 'import @hubbub/<name> or @hubbub/<name>/testing: no file inside another library',
    from: { path: '^(libs|apps|bench)/([^/]+)' },
    to: {
      path: '^libs/',
      pathNot: ['^$1/$2/', CONTRACT_ENTRY, ...FURTHER, String.raw`^libs/[^/]+/src/(index|testing/index)\.ts$`],
    },
  },
  {
    name: 'no documents in a browser',
    comment: 'texts and examples are for the server that shows them',
    from: { path: '^(libs/(client|sdk)|apps)/|^libs/protocol/src/index', pathNot: TEST },
    to: { path: '^libs/protocol/src/contract/' },
  },
  {
    name: 'library by its name',
    comment: 'import @hubbub/<name>, not a relative path into another library',
    from: { path: '^(libs|apps|bench)/([^/]+)' },
    to: { path: '^libs/', pathNot: '^$1/$2/', dependencyTypesNot: ['aliased'] },
  },
  {
    name: 'testing in tests only',
    comment: 'what runs in production does not import a test kit',
    from: { path: '^(libs|apps)/', pathNot: TEST },
    to: { path: '^libs/.*/testing/|^libs/testing/' },
  },
  {
    name: 'the test kit as a package',
    comment: 'it is for applications too: what other packages show them, and no test kit of this repository',
    from: { path: '^libs/testing/', pathNot: String.raw`spec\.ts$` },
    to: { path: '^libs/', pathNot: '^libs/(testing/|(protocol|hubbub|client)/src/index)' },
  },
  {
    name: 'no Node in a browser',
    comment: 'protocol and client run in a browser: no Node built-in, but in the entry for Node',
    // Beside `src`, the pages have what builds them.
    from: { path: '^(libs/(protocol|client)|apps/web/src)/', pathNot: [TEST, NODE_ENTRY] },
    to: { dependencyTypes: ['core'] },
  },
  {
    name: 'no entry for Node in a browser',
    comment: 'what a page loads does not reach it',
    from: { path: '^(libs/client|apps/web)/', pathNot: TEST },
    to: { path: NODE_ENTRY },
  },
  {
    name: 'no package in a browser',
    comment: 'protocol needs typebox and nothing else, client needs nothing; each helper has the framework it is for',
    from: { path: '^libs/(protocol|client)/', pathNot: [TEST, FRAMEWORK_ENTRY] },
    to: { path: '(^|/)node_modules/', pathNot: npm('typebox') },
  },
  {
    name: 'no cycle',
    comment: 'a cycle of types alone is none',
    from: {},
    to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
  },
  {
    name: 'installed with --omit=dev',
    comment: 'what runs in production imports no devDependency and nothing that package.json does not name',
    // Of the pages, what they import is in what Vite built of them.
    from: { path: '^(libs|apps)/', pathNot: [TEST, '^apps/web/', FRAMEWORK_ENTRY] },
    to: { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'], dependencyTypesNot: ['type-only'] },
  },
  {
    name: 'resolvable',
    comment: 'the import leads nowhere',
    from: {},
    to: { couldNotResolve: true },
  },
];

/** @type {import('dependency-cruiser').IConfiguration} */
export default {
  forbidden: [...tableRules, ...testRules, ...technologyRules, ...placeRules].map((rule) => ({
    severity: 'error',
    ...rule,
  })),
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)dist/' },
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    moduleSystems: ['es6'],
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'types', 'node', 'default'] },
  },
};
