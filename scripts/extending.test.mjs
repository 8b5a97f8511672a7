/** docs/extending.md, walked: its files are written, compiled and started in a folder of their own, and do what the page says. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { WebSocket } from 'ws';
import { account, connect } from './bare-client.mjs';
import { read } from './deployment.mjs';
import { freePort } from './free-port.mjs';
import { startListening } from './listening.mjs';
import { ROOT, runNode } from './run-process.mjs';

/** The fenced blocks that name a file. */
const FILES = new Map(
  [...read('docs/extending.md').matchAll(/^```\w+ (\S+)\n(.*?)^```$/gms)].map(([, file, text]) => [file, text]),
);

/** What the page adds to `providers`, and where it is from. */
const PROVIDERS = {
  NotesGateway: 'notes.gateway',
  PremiumGateway: 'premium',
  CountGateway: 'count.gateway',
  Tenants: 'tenants',
  Greeter: 'greeter',
  Policies: 'policies',
};

/** The application of somebody's own, on the last part of the page. */
const SHOP = ['src/shop/main.ts', 'src/shop/app.module.ts', 'src/shop/sessions.ts'];

let folder;
const running = new Set();

before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'hubbub-extending-'));
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  for (const [file, text] of FILES) write(file, text);
  write('package.json', '{ "type": "module" }');
  write('node_modules/@hubbub/hubbub/package.json', '{ "type": "module", "exports": "./index.js" }');
  const entry = pathToFileURL(join(ROOT, 'dist/libs/hubbub/src/index.js'));
  write('node_modules/@hubbub/hubbub/index.js', `export * from '${entry.href}';\n`);
});
after(async () => {
  for (const gateway of running) {
    gateway.child.kill('SIGKILL');
    await gateway.ended;
  }
  rmSync(folder, { recursive: true, force: true });
});

test('every file of the page is one that is started', () => {
  const files = ['dice.gateway', 'main', ...Object.values(PROVIDERS)].map((name) => `src/${name}.ts`);
  assert.deepEqual([...FILES.keys()].toSorted(), ['tsconfig.json', ...files, ...SHOP].toSorted());
});

test('they have no fault of types', { timeout: 120_000 }, async () => {
  const { compilerOptions } = JSON.parse(read('tsconfig.json'));
  const sources = Object.entries(compilerOptions.paths).map(([name, [file]]) => [name, [join(ROOT, file)]]);
  const paths = Object.fromEntries(sources);
  const { lib, types, useDefineForClassFields } = compilerOptions;
  const ours = { noEmit: true, rootDir: '/', lib, types, useDefineForClassFields, paths };
  write('check.json', JSON.stringify({ extends: './tsconfig.json', compilerOptions: ours }));
  const { code, output } = await runNode([join(ROOT, 'node_modules/typescript7/bin/tsc'), '-p', at('check.json')], {
    capture: true,
  });
  assert.equal(code, 0, output);
});

describe('the gateway of the first section', () => {
  let gateway;
  before(async () => {
    gateway = await start();
  });
  after(() => stop(gateway));

  test('rolls dice for the account that the page makes', { timeout: 60_000 }, async () => {
    const response = await fetch(`${gateway.http}/api/auth/register`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"username":"alice","password":"correct horse"}',
    });
    const { access_token: token } = await response.json();
    const socket = new WebSocket(`${gateway.socket}?token=${token}`);
    const answer = new Promise((found) => {
      socket.on('message', (bytes) => {
        const frame = JSON.parse(bytes);
        if (frame.request_id === 1) found(frame);
        else socket.send('{"message_type":"roll_dice","message_id":1,"data":{"sides":6}}');
      });
    });
    const { message_type: type, data } = await answer;
    assert.equal(type, 'roll_dice_reply');
    assert.ok(data.value >= 1 && data.value <= 6);
    socket.close();
  });

  test('names the path of what is wrong', { timeout: 60_000 }, async () => {
    const bob = await connect(gateway, await account(gateway, 'register', 'bob'));
    const { code, details } = await refusal(bob, 'roll_dice', { sides: 1 });
    assert.deepEqual([code, details[0].path], [1001, '/sides']);
    bob.close();
  });
});

describe('with all that the page adds', () => {
  let gateway;
  const tokens = {};
  before(async () => {
    const names = Object.keys(PROVIDERS);
    const imports = Object.entries(PROVIDERS).map(([name, file]) => `import { ${name} } from './${file}.js';\n`);
    const main = FILES.get('src/main.ts').replace(
      'providers: [DiceGateway]',
      `providers: [DiceGateway, ${names.join(', ')}]`,
    );
    write('src/main.ts', `${imports.join('')}${main}`);
    gateway = await start();
    for (const user of ['carol', 'dave', 'vip-eve']) tokens[user] = await account(gateway, 'register', user);
  });
  after(() => stop(gateway));
  const as = (user) => connect(gateway, tokens[user]);

  test('a note goes to the members of its room', { timeout: 60_000 }, async () => {
    const [carol, dave] = [await as('carol'), await as('dave')];
    assert.equal((await refusal(carol, 'note', { room_id: 'lobby', text: 'x' })).code, 3000);
    await carol.command('create_room', { room_id: 'lobby' });
    assert.equal((await refusal(carol, 'note', { room_id: 'lobby', text: 'x' })).code, 3003);
    for (const client of [carol, dave]) await client.command('join_room', { room_id: 'lobby' });
    assert.deepEqual((await refusal(carol, 'note', { room_id: 'lobby', text: '' })).details[0].path, '/text');
    const note = { room_id: 'lobby', by: 'carol', text: 'hello' };
    assert.deepEqual((await carol.command('note', { room_id: 'lobby', text: 'hello' })).data, note);
    assert.deepEqual((await dave.next('note')).data, note);
    for (const client of [carol, dave]) client.close();
  });

  test('a guard and a param decorator of its own see the connection', { timeout: 60_000 }, async () => {
    const [carol, eve] = [await as('carol'), await as('vip-eve')];
    assert.equal((await refusal(carol, 'welcome')).code, 2001);
    assert.deepEqual((await eve.command('welcome')).data, { text: 'Welcome, vip-eve.' });
    for (const client of [carol, eve]) client.close();
  });

  test('a stream counts', { timeout: 60_000 }, async () => {
    const carol = await as('carol');
    const first = await carol.command('count', { to: 2 });
    assert.deepEqual([first.message_type, first.data], ['count_item', { n: 1 }]);
    assert.deepEqual((await carol.next('count_item')).data, { n: 2 });
    await carol.next('done');
    carol.close();
  });

  test('a key decides who may connect, and the bag of the connection has its tenant', { timeout: 60_000 }, async () => {
    const open = (key) => new WebSocket(gateway.socket, { headers: { 'x-api-key': key } });
    const status = await new Promise((found) => {
      open('key-2')
        .on('unexpected-response', (_, response) => found(response.statusCode))
        .on('error', () => {});
    });
    assert.equal(status, 403);
    const socket = open('key-1');
    const greeting = await new Promise((found) => {
      socket.on('message', (bytes) => {
        const frame = JSON.parse(bytes);
        if (frame.message_type === 'greeting') found(frame.data);
      });
    });
    assert.deepEqual(greeting, { tenant: 'acme' });
    socket.close();
  });

  test('hooks greet who connects and who joins', { timeout: 60_000 }, async () => {
    const carol = await as('carol');
    assert.deepEqual((await carol.next('greeting')).data, { tenant: null });
    await carol.command('create_room', { room_id: 'hall', name: 'The hall' });
    await carol.command('join_room', { room_id: 'hall' });
    assert.deepEqual((await carol.next('greeting')).data, { room: 'The hall' });
    carol.close();
  });

  test('policies hold for the rooms that they name', { timeout: 60_000 }, async () => {
    const carol = await as('carol');
    const { room } = (await carol.command('join_room', { room_id: 'chat.tea' })).data;
    assert.deepEqual([room.max_clients, room.history], [500, 'durable']);
    assert.equal((await refusal(carol, 'create_room', { room_id: 'chat.big', max_clients: 501 })).code, 1001);
    assert.deepEqual((await refusal(carol, 'join_room', { room_id: 'chat.staff.1' })).details, {
      permission: 'join:staff',
    });
    // At once, and more than may follow in 10 s: a slow machine gains a message every half second.
    const contents = Array.from({ length: 40 }, (_, n) => n);
    const posted = await Promise.allSettled(
      contents.map((content) => carol.command('room_message', { room_id: 'chat.tea', content })),
    );
    assert.ok(posted.slice(0, 20).every(({ status }) => status === 'fulfilled'));
    const refused = posted.flatMap(({ reason }) => (reason === undefined ? [] : [JSON.parse(reason.message)]));
    assert.ok(refused.length > 0);
    for (const { code, retry_after_ms: wait } of refused) {
      assert.equal(code, 1005);
      assert.ok(wait <= 500, `${wait} ms`);
    }
    carol.close();
  });
});

describe('inside an application of its own', () => {
  let shop;
  before(async () => {
    shop = await start('dist/shop/main.js');
  });
  after(() => stop(shop));
  const connectAs = (session) => new WebSocket(shop.socket, { headers: { cookie: `theme=dark; sid=${session}` } });

  test('its own routes answer, and those that were left out do not', { timeout: 60_000 }, async () => {
    const status = async (path, method) => (await fetch(`${shop.http}${path}`, { method })).status;
    assert.deepEqual(await (await fetch(`${shop.http}/products`)).json(), [{ name: 'kettle' }]);
    assert.deepEqual(
      [await status('/api/auth/login', 'POST'), await status('/api/rooms', 'GET'), await status('/health', 'GET')],
      [404, 401, 200],
    );
  });

  test('a session of its own opens the socket, and another does not', { timeout: 60_000 }, async () => {
    const socket = connectAs('s-1');
    const answers = await new Promise((found) => {
      const frames = [];
      socket.on('message', (bytes) => {
        frames.push(JSON.parse(bytes));
        if (frames.length === 1)
          socket.send('{"message_type":"direct_message","data":{"target_id":"bob","content":1}}');
        else found(frames);
      });
    });
    assert.deepEqual([answers[0].data.user_id, answers[1].data.name], ['alice', 'UnknownType']);
    socket.close();
    const status = await new Promise((found) => {
      connectAs('s-2')
        .on('unexpected-response', (_, response) => found(response.statusCode))
        .on('error', () => {});
    });
    assert.equal(status, 401);
  });
});

function at(file) {
  return join(folder, 'dice', file);
}

function write(file, text) {
  mkdirSync(dirname(at(file)), { recursive: true });
  writeFileSync(at(file), text);
}

/** The error that a command is answered with. */
async function refusal(client, type, data) {
  const error = await client.command(type, data).then(
    () => assert.fail(`${type} was served`),
    (thrown) => thrown,
  );
  return JSON.parse(error.message);
}

/** `npx tsc && node dist/main.js`. */
async function start(program = 'dist/main.js') {
  const compiled = await runNode([join(ROOT, 'node_modules/typescript/lib/tsc.js'), '--noCheck', '-p', at('.')], {
    capture: true,
  });
  assert.equal(compiled.code, 0, compiled.output);
  // The page prints the port that it was told.
  const port = await freePort();
  const env = { ...process.env, PORT: String(port), HUBBUB_SERVER_PORT: String(port), HUBBUB_LOG_LEVEL: 'error' };
  const gateway = await startListening(process.execPath, [at(program)], { cwd: at('.'), env });
  running.add(gateway);
  return { ...gateway, http: `http://localhost:${port}` };
}

async function stop(gateway) {
  gateway.child.kill('SIGTERM');
  assert.deepEqual(await gateway.ended, { code: 0, signal: null });
}
