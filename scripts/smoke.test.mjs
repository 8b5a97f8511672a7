/**
 * The built gateway as people run it: plain Node, a real port, a data folder of its own. Jest never sees this, because it links
 * CommonJS and imports the module instead of starting the program.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { account, connect } from './bare-client.mjs';
import { SECRET } from './deployment.mjs';
import { startListening } from './listening.mjs';
import { ROOT } from './run-process.mjs';
import { nats } from './services/nats.mjs';
import { findProgram, startServer, stopServer } from './services/start.mjs';

const MAIN = [join(ROOT, 'dist/apps/gateway/src/main.js')];
/** What `npm start` runs. */
const START = [join(ROOT, 'scripts/run.mjs'), 'apps/gateway/src/main'];

let folder;
const running = new Set();
before(() => {
  folder = mkdtempSync(join(tmpdir(), 'hubbub-smoke-'));
});
after(() => {
  for (const child of running) child.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

test('two users talk, and SIGTERM says goodbye and ends with exit code 0', { timeout: 60_000 }, async () => {
  const gateway = await start(MAIN);
  const alice = await connect(gateway, await account(gateway, 'register', 'alice'));
  const bob = await connect(gateway, await account(gateway, 'register', 'bob'));
  await alice.command('create_room', { room_id: 'lobby' });
  await alice.command('join_room', { room_id: 'lobby' });
  await bob.command('join_room', { room_id: 'lobby' });

  const sent = await alice.command('room_message', { room_id: 'lobby', content: { text: 'héllo' } });
  assert.equal(sent.message_type, 'room_message_sent');
  assert.equal(sent.data.seq, 1);
  const heard = await bob.next('room_message');
  assert.deepEqual([heard.data.seq, heard.data.sender_id, heard.data.content], [1, 'alice', { text: 'héllo' }]);

  gateway.child.kill('SIGTERM');
  await alice.next('draining');
  assert.equal(await alice.closed, 1012);
  assert.deepEqual(await gateway.ended, { code: 0, signal: null });
});

test('what was acknowledged before a crash is there after npm start', { timeout: 60_000 }, async () => {
  let gateway = await start(MAIN);
  let alice = await connect(gateway, await account(gateway, 'login', 'alice'));
  const { data: joined } = await alice.command('join_room', { room_id: 'lobby' });
  const { data: sent } = await alice.command('room_message', { room_id: 'lobby', content: 'last words' });
  gateway.child.kill('SIGKILL');
  await gateway.ended;

  gateway = await start(START);
  alice = await connect(gateway, await account(gateway, 'login', 'alice'));
  const since = { epoch: joined.epoch, seq: joined.seq };
  const { data: back } = await alice.command('join_room', { room_id: 'lobby', since });
  assert.equal(back.recovered, true);
  assert.deepEqual(
    back.messages.map(({ seq, content }) => [seq, content]),
    [[sent.seq, 'last words']],
  );
  gateway.child.kill('SIGINT');
  assert.deepEqual(await gateway.ended, { code: 0, signal: null });
});

if (findProgram(nats.program) !== null) {
  test('a second process with the name of a node ends with one clear error', { timeout: 60_000 }, async () => {
    const broker = await startServer(nats);
    try {
      const env = {
        HUBBUB_BUS_TYPE: 'nats',
        HUBBUB_BUS_URL: broker.url,
        HUBBUB_AUTH_SECRET: SECRET,
        HUBBUB_CLUSTER_NODE_ID: 'one',
      };
      const gateway = await start(MAIN, env);
      await assert.rejects(start(MAIN, env), ({ message }) => {
        assert.match(message, /\n {2}cluster\.node_id: another node of the name one is running/);
        assert.doesNotMatch(message, /\n +at /, 'without a stack');
        return true;
      });
      gateway.child.kill('SIGTERM');
      await gateway.ended;
    } finally {
      await stopServer(broker);
    }
  });
}

/** Starts the gateway on a free port, in a folder where no configuration file of the developer is read. */
async function start(command, more = {}) {
  const env = {
    ...process.env,
    HUBBUB_SERVER_HOST: '127.0.0.1',
    HUBBUB_SERVER_PORT: '0',
    HUBBUB_DATA_DIR: join(folder, 'data'),
    HUBBUB_DRAIN_TIMEOUT_MS: '2000',
    ...more,
  };
  const { child, ended, socket } = await startListening(process.execPath, command, { cwd: folder, env });
  running.add(child);
  child.on('close', () => running.delete(child));
  return { child, ended, socket, http: `http://${socket.host}` };
}
