/** The built pages as a gateway serves them: what they weigh, how long they are kept, and what they may do. */
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { startListening } from './listening.mjs';
import { ROOT } from './run-process.mjs';

const PAGES = join(ROOT, 'dist/apps/web');
const ASSETS = join(PAGES, 'assets');

let folder;
let gateway;
let port;
before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'hubbub-pages-'));
  const env = { ...process.env, HUBBUB_SERVER_PORT: '0', HUBBUB_DATA_DIR: folder, HUBBUB_LOG_LEVEL: 'warn' };
  gateway = await startListening(process.execPath, [join(ROOT, 'dist/apps/gateway/src/main.js')], { cwd: folder, env });
  port = gateway.socket.port;
});
after(async () => {
  gateway.child.kill('SIGTERM');
  await gateway.ended;
  rmSync(folder, { recursive: true, force: true });
});

/** By `node:http`, as `fetch` would undo the compression. */
function get(path, headers = {}) {
  return new Promise((resolve, reject) => {
    request({ port, path, headers }, (response) => {
      const parts = [];
      response.on('data', (part) => parts.push(part));
      response.on('end', () => {
        const body = Buffer.concat(parts);
        resolve({ status: response.statusCode, headers: response.headers, body, text: body.toString() });
      });
    })
      .on('error', reject)
      .end();
  });
}

/**
 * What a page loads before anybody has touched it: scripts with all that they import at once, the workers that they start, and
 * styles; and of what is fetched when it is shown, the files of these names, which are what stands on the screen then.
 */
function initialAssets(html, shown) {
  const found = new Set([...html.matchAll(/assets\/([\w.-]+\.(?:js|css))"/g)].map(([, name]) => name));
  const missing = new Set(shown);
  for (const name of found) {
    if (!name.endsWith('.js')) continue;
    const code = readFileSync(join(ASSETS, name), 'utf8');
    for (const [, other] of code.matchAll(/(?:from|import)\s*["'`]\.\/([\w.-]+\.js)["'`]/g)) found.add(other);
    for (const [, worker] of code.matchAll(/new URL\(["'`]([\w.-]+\.js)["'`]/g)) found.add(worker);
    const [, list = '[]'] = /m\.f=(\[[^\]]*\])/.exec(code) ?? [];
    const files = JSON.parse(list).map((file) => file.replace('./', ''));
    for (const [, other, needs] of code.matchAll(
      /import\(["'`]\.\/([\w.-]+)["'`]\).{0,80}?__vite__mapDeps\(\[([\d,]*)\]/g,
    )) {
      const part = shown.find((one) => other.startsWith(`${one}-`));
      if (part === undefined) continue;
      missing.delete(part);
      for (const need of [other, ...needs.split(',').map((index) => files[index])]) found.add(need);
    }
  }
  assert.deepEqual([...missing], []);
  return [...found];
}

/** What is on the screen: `shown` are the parts of the page that are files of their own, `limit` is in kB. */
const VIEWS = [
  { name: 'form for the sign-in', path: '/', shown: ['sign-in'], limit: 40 },
  { name: 'chat page', path: '/', shown: ['signed-in', 'panes'], limit: 80 },
  { name: 'chat page in a room', path: '/', shown: ['signed-in', 'talk'], limit: 80 },
  { name: 'console', path: '/console', shown: [], limit: 80 },
];
for (const { name, path, shown, limit } of VIEWS) {
  test(`the ${name} loads at most ${limit} kB, compressed by gzip, with the worker that it starts`, async (context) => {
    const page = await get(path);
    assert.equal(page.status, 200);
    const assets = initialAssets(page.text, shown);
    assert.ok(
      assets.some((asset) => asset.endsWith('.js')) && assets.some((asset) => asset.endsWith('.css')),
      page.text,
    );
    assert.equal(
      assets.some((asset) => asset.includes('worker')),
      shown.includes('signed-in'),
    );
    let bytes = page.body.length;
    for (const asset of assets) {
      const { status, headers, body } = await get(`/assets/${asset}`, { 'accept-encoding': 'gzip' });
      assert.deepEqual([status, headers['content-encoding']], [200, 'gzip'], asset);
      bytes += body.length;
    }
    context.diagnostic(`${name}: ${(bytes / 1000).toFixed(1)} kB in ${assets.length + 1} files`);
    assert.ok(bytes <= limit * 1000, `${bytes} B: ${assets.join(', ')}`);
  });
}

for (const [name, path] of [
  ['chat page', '/'],
  ['console', '/console'],
]) {
  test(`the ${name} may load and run nothing but its own files, and is asked for again each time`, async () => {
    const { headers, text } = await get(path);
    const policy = Object.fromEntries(
      headers['content-security-policy'].split('; ').map((part) => part.split(/ (.*)/).slice(0, 2)),
    );
    assert.equal(policy['default-src'], "'none'");
    for (const kind of ['script-src', 'style-src', 'connect-src', 'worker-src'])
      assert.equal(policy[kind], "'self'", kind);
    for (const kind of ['base-uri', 'form-action', 'frame-ancestors']) assert.equal(policy[kind], "'none'", kind);
    assert.equal(policy['require-trusted-types-for'], "'script'");
    assert.equal(headers['cache-control'], 'no-cache');
    assert.deepEqual([headers['x-content-type-options'], headers['referrer-policy']], ['nosniff', 'no-referrer']);
    assert.doesNotMatch(text, /<script(?![^>]* src=)|<style|\son\w+=|https?:\/\//);
  });
}

test('assets are kept for ever, as brotli where that is understood, and as they are for who understands neither', async () => {
  const [name] = readdirSync(ASSETS).filter((file) => file.endsWith('.js'));
  const plain = await get(`/assets/${name}`);
  assert.deepEqual(plain.body, readFileSync(join(ASSETS, name)));
  const { headers } = await get(`/assets/${name}`, { 'accept-encoding': 'gzip, br' });
  assert.equal(headers['content-encoding'], 'br');
  assert.match(headers['cache-control'], /max-age=31536000.*immutable/);
  assert.match(headers['content-type'], /javascript/);
  assert.equal(headers.vary, 'Accept-Encoding');
});

test('nothing beside the assets is served, and what is not there is answered as everywhere', async () => {
  for (const path of ['/assets/none.js', '/assets/../index.html', '/assets/%2e%2e/console.html', '/index.html']) {
    const { status, text } = await get(path);
    assert.deepEqual([status, JSON.parse(text).name], [404, 'UnknownType'], path);
  }
});

test('no asset names a host that a page would ask for something', () => {
  // Names of XML and of licences are no addresses that are loaded.
  const harmless = /^https?:\/\/(www\.w3\.org|localhost|[\w.]*example\.(com|org))\b/;
  for (const name of readdirSync(ASSETS).filter((file) => /\.(js|css|svg)$/.test(file))) {
    const hosts = readFileSync(join(ASSETS, name), 'utf8').match(/https?:\/\/[\w.-]+/g) ?? [];
    assert.deepEqual(
      hosts.filter((host) => !harmless.test(host)),
      [],
      name,
    );
  }
});
