/**
 * The packages as others find them: packed, installed in folders that know nothing of this one, compiled there with nothing
 * left unchecked, extended and run. The versions of everybody else's packages are those that we are tested with.
 */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { build } from 'vite';
import { WebSocket } from 'ws';
import { account, connect } from './bare-client.mjs';
import { startListening } from './listening.mjs';
import { buildPackages } from './packages.mjs';
import { ROOT, runProgram } from './run-process.mjs';
import { nats } from './services/nats.mjs';
import { findProgram, startServer, stopServer } from './services/start.mjs';

const SAMPLES = join(ROOT, 'scripts/packages/samples');
const { version, devDependencies, dependencies } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
const TESTED = { ...devDependencies, ...dependencies, vitest: '4.1.12' };
/** The client alone, minified and compressed. */
const CORE_BYTES = 14_500;

/** In a package: what was compiled, and the pages of a gateway. */
const EXPECTED =
  /\/(lib\/.+\.(js|js\.map|d\.ts)|pages\/.+\.(html|(js|css|svg)(\.br|\.gz)?)|package\.json|README\.md|LICENSE)$/;

let folder;
/** Path of each package's archive. */
const archives = {};
let application;
let page;
const running = new Set();

before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'hubbub-packages-'));
  const folders = await buildPackages(join(folder, 'packages'));
  assert.ok(folders !== null, 'the packages compile');
  for (const [name, path] of Object.entries(folders)) {
    await npm(folder, 'pack', path);
    archives[name] = join(folder, `hubbub-${name}-${version}.tgz`);
  }
  application = await project('application', Object.keys(archives), {
    dependencies: ['@nestjs/common', '@nestjs/core', '@nestjs/platform-express', 'reflect-metadata', 'rxjs', 'typebox'],
    devDependencies: ['@swc/core', '@swc/jest', '@types/node', 'jest', 'vitest'],
  });
  page = await project('page', ['protocol', 'client'], {
    dependencies: ['react', 'vue'],
    devDependencies: ['@types/react'],
  });
  // Compiled for this machine when this project was installed, which takes a minute.
  const compiled = 'node_modules/better-sqlite3/build';
  cpSync(join(ROOT, compiled), join(application, compiled), { recursive: true });
});
after(() => {
  for (const child of running) child.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

test('every package passes publint and resolves with its types wherever ESM does', async () => {
  const faults = [];
  for (const [name, archive] of Object.entries(archives)) {
    const data = readFileSync(archive);
    const { messages, pkg } = await publint({ pack: { tarball: new Uint8Array(data).buffer }, strict: true });
    faults.push(...messages.map((message) => `${name}: ${formatMessage(message, pkg)}`));
    const { problems } = await checkPackage(createPackageFromTarballData(data));
    faults.push(...problems.filter(ofEsm).map((problem) => `${name}: ${JSON.stringify(problem)}`));
  }
  assert.deepEqual(faults, []);
});

test('a package has its code, its types and its source maps, and nothing of the machine that made it', () => {
  for (const archive of Object.values(archives)) {
    const content = createPackageFromTarballData(readFileSync(archive));
    const files = content.listFiles();
    const odd = files.filter((file) => !EXPECTED.test(file));
    assert.deepEqual(odd, []);
    assert.deepEqual(
      files.filter((file) => file.includes('.spec.') || content.readFile(file).includes(ROOT)),
      [],
    );
  }
});

test('an empty Nest application is extended by a gateway and a generated one, with every declaration checked', async () => {
  const said = await npx('hubbub', 'new', 'gateway', 'purchase-orders');
  assert.match(said, /providers: \[PurchaseOrdersGateway\]/);
  await tsc(application, 'typescript');
});

test('a project in plain TypeScript compiles for Node and for bundlers, with every declaration checked', async () => {
  await tsc(page, 'typescript7');
  await tsc(page, 'typescript7', '--noEmit', '--module', 'esnext', '--moduleResolution', 'bundler');
});

for (const [program, platform, pages] of [
  ['main.js', 'on Express', '/chat'],
  ['alone.js', 'by itself', ''],
]) {
  test(`${platform}, the application serves a client in plain TypeScript and its pages, and ends well`, async () => {
    const { http, socket, child, ended } = await start(program, { HUBBUB_DATA_DIR: join(application, program) });
    const token = await account({ http }, 'register', 'alice');
    const { talk } = await import(join(page, 'dist/main.js'));
    const { rolled, ...said } = await talk(socket.href, token, WebSocket);
    assert.deepEqual(said, { user: 'alice', heard: { seq: 1, content: { text: 'héllo' } }, refused: 'InvalidFormat' });
    assert.ok(rolled.user_id === 'alice' && rolled.value >= 1 && rolled.value <= 6, JSON.stringify(rolled));
    assert.equal((await fetch(`${http}/docs`)).status, 200);
    const chat = await (await fetch(`${http}${pages}/`)).text();
    const [, script] = chat.match(/src="(\/.+?\.js)"/);
    assert.equal((await fetch(`${http}${script}`)).status, 200);
    child.kill('SIGTERM');
    assert.deepEqual(await ended, { code: 0, signal: null });
  });
}

if (findProgram(nats.program) !== null) {
  test('a service hears events and answers them through the SDK', async () => {
    const broker = await startServer(nats);
    try {
      const env = { HUBBUB_BUS_TYPE: 'nats', HUBBUB_BUS_URL: broker.url, HUBBUB_SERVICES_TRUST_NATS: 'true' };
      const gateway = await start('alone.js', { ...env, HUBBUB_AUTH_SECRET: randomBytes(32).toString('base64') });
      await startService({ NATS_URL: broker.url });
      const bob = await connect(gateway, await account(gateway, 'register', 'bob'));
      await bob.command('create_room', { room_id: 'support.1' });
      await bob.command('join_room', { room_id: 'support.1' });
      const { data } = await bob.next('room_message');
      assert.deepEqual(data.content, { text: 'Welcome, bob' });
    } finally {
      for (const child of running) child.kill('SIGKILL');
      await stopServer(broker);
    }
  });
}

test('what is configured and not installed is named before anything starts', async () => {
  const env = { HUBBUB_DATABASE_TYPE: 'postgres', HUBBUB_DATABASE_URL: 'postgres://localhost/none' };
  await assert.rejects(start('main.js', env), /database\.type: postgres needs the package pg: npm install pg/);
});

test('the generated spec passes as it was written, in Vitest and in Jest', async (t) => {
  const vitest = { globals: true, root: 'src', testTimeout: 60_000, hookTimeout: 60_000 };
  writeFileSync(join(application, 'vitest.config.mjs'), `export default { test: ${JSON.stringify(vitest)} };\n`);
  t.diagnostic(lastLines(await npx('vitest', 'run')));
  writeFileSync(join(application, 'jest.config.mjs'), codeOf('libs/testing/README.md'));
  t.diagnostic(lastLines(await npx('jest')));
});

test('a page that bundles the client loads at most 14.5 kB of it, and none of the stores that it does not use', async (t) => {
  writeFileSync(join(page, 'core.js'), "export { HubbubClient } from '@hubbub/client';\n");
  const { output } = await build({
    root: page,
    configFile: false,
    logLevel: 'error',
    build: { write: false, minify: true, lib: { entry: 'core.js', formats: ['iife'], name: 'core' } },
  }).then((result) => (Array.isArray(result) ? result[0] : result));
  const [{ code, modules }] = output;
  const size = gzipSync(code, { level: 9 }).length;
  t.diagnostic(`client: ${code.length} bytes minified, ${size} compressed`);
  const others = Object.keys(modules).filter((file) => !file.includes('/@hubbub/client/') && !file.endsWith('core.js'));
  assert.deepEqual(others, [], 'nothing else, of the protocol its types alone');
  assert.deepEqual(
    Object.keys(modules).filter((file) => file.endsWith('outbox.js') && !file.endsWith('/outbox.js')),
    [],
  );
  assert.ok(size <= CORE_BYTES, `${size} bytes`);
});

test('a page whose tabs share a connection has their worker as a file of its own', async () => {
  const { output } = await build({
    root: page,
    configFile: false,
    logLevel: 'error',
    worker: { format: 'es' },
    build: { write: false, minify: true, assetsInlineLimit: 0, rolldownOptions: { input: join(page, 'src/tabs.ts') } },
  }).then((result) => (Array.isArray(result) ? result[0] : result));
  const worker = output.find(({ fileName }) => /worker.*\.js$/.test(fileName));
  assert.ok(worker !== undefined, output.map(({ fileName }) => fileName).join(' '));
  assert.match(String(worker.source ?? worker.code), /addEventListener\(.connect/);
});

/** Makes a folder of a sample with packages of ours and of others installed. */
async function project(sample, ours, others = {}) {
  const path = join(folder, sample);
  cpSync(join(SAMPLES, sample), path, { recursive: true });
  const versions = (names = []) => Object.fromEntries(names.map((name) => [name, TESTED[name]]));
  const manifest = {
    name: sample,
    private: true,
    type: 'module',
    dependencies: {
      ...versions(others.dependencies),
      ...Object.fromEntries(ours.map((name) => [`@hubbub/${name}`, `file:${archives[name]}`])),
    },
    devDependencies: versions(others.devDependencies),
    overrides: TESTED,
  };
  writeFileSync(join(path, 'package.json'), JSON.stringify(manifest, null, 2));
  await npm(path, 'install', '--prefer-offline', '--ignore-scripts', '--no-audit', '--no-fund', '--no-package-lock');
  return path;
}

/** Starts a program of the application on a free port. */
async function start(program, more = {}) {
  const env = {
    ...process.env,
    HUBBUB_SERVER_HOST: '127.0.0.1',
    HUBBUB_SERVER_PORT: '0',
    HUBBUB_DATA_DIR: join(application, 'data'),
    ...more,
  };
  const started = await startListening(process.execPath, [join(application, 'dist', program)], {
    cwd: application,
    env,
  });
  running.add(started.child);
  return { ...started, http: `http://${started.socket.host}` };
}

/** What is said of ESM: that CommonJS cannot require it everywhere, and that Node 10 does not know of exports, is no news. */
const ofEsm = ({ kind, resolutionKind, resolutionOption }) =>
  kind !== 'CJSResolvesToESM' && resolutionKind !== 'node10' && resolutionOption !== 'node10';

/** The code that a document shows. */
const codeOf = (document) => /```js\n(.+?)```/s.exec(readFileSync(join(ROOT, document), 'utf8'))[1];

const lastLines = (output) => output.trim().split('\n').slice(-6).join('\n');

/** Starts the service of the sample; resolves once it listens. */
async function startService(env) {
  const child = spawn(process.execPath, ['dist/service.js'], {
    cwd: application,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  running.add(child);
  const ended = once(child, 'close').then(([code]) => Promise.reject(new Error(`the service ended with ${code}`)));
  ended.catch(() => {});
  await Promise.race([once(child.stdout, 'data'), ended]);
}

const npx = (...args) => npm(application, 'exec', '--offline', '--', ...args);
const npm = (cwd, ...args) => run(cwd, 'npm', [...args.slice(0, 1), '--loglevel=error', ...args.slice(1)]);
/** Nest is used with TypeScript 6; 7 is quicker. */
const tsc = (path, version, ...args) =>
  run(path, process.execPath, [join(ROOT, 'node_modules', version, 'bin/tsc'), '-p', path, ...args]);

/** Runs a program to its end. @returns what it printed @throws with all of it when it fails */
async function run(cwd, program, args, env = {}) {
  const { code, output } = await runProgram(program, args, { cwd, env: { ...process.env, ...env }, capture: true });
  assert.equal(code, 0, `${program} ${args.join(' ')}\n${output}`);
  return output;
}
