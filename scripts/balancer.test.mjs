/**
 * Two gateways with the environment of docker-compose.yml behind the load balancer of deploy/haproxy, as processes of this machine.
 * Where one of the programs is not installed there is no such test.
 */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { account, connect } from './bare-client.mjs';
import { environmentOf, read } from './deployment.mjs';
import { freePort } from './free-port.mjs';
import { startListening } from './listening.mjs';
import { ROOT } from './run-process.mjs';
import { nats } from './services/nats.mjs';
import { postgres } from './services/postgres.mjs';
import { redis } from './services/redis.mjs';
import { findProgram, startServer, stopServer } from './services/start.mjs';

const haproxy = findProgram('haproxy');
const PARTS = [nats, postgres, redis];
const isHere = haproxy !== null && PARTS.every(({ program }) => findProgram(program) !== null);
const LIMIT = { timeout: 60_000 };

const servers = [];
const gateways = [];
let folder;
let balancer;
let address;

if (isHere) {
  before(start, LIMIT);
  after(stop);

  test('two people at two gateways talk through the load balancer', LIMIT, async () => {
    const alice = await connect(address, await account(address, 'register', 'alice'));
    const bob = await connect(address, await account(address, 'register', 'bob'));
    assert.notEqual(alice.session.node_id, bob.session.node_id, 'those who come go to the gateway that has fewest');
    await alice.command('create_room', { room_id: 'lobby' });
    for (const person of [alice, bob]) await person.command('join_room', { room_id: 'lobby' });
    const { data: sent } = await alice.command('room_message', { room_id: 'lobby', content: 'hello' });
    const { data: heard } = await bob.next('room_message');
    assert.deepEqual([heard.seq, heard.content, heard.sender_id], [sent.seq, 'hello', 'alice']);
    for (const person of [alice, bob]) person.close();
  });

  test('nobody but Prometheus, who asks the gateways themselves, is told the metrics', async () => {
    assert.equal((await fetch(`${address.http}/metrics`)).status, 404);
    assert.equal((await fetch(`${gateways[0].http}/metrics`)).status, 200);
  });

  test('who was at a gateway that goes away is at the other one at once, and has all messages', LIMIT, async () => {
    const tokens = { alice: await account(address, 'login', 'alice'), bob: await account(address, 'login', 'bob') };
    const alice = await connect(address, tokens.alice);
    const bob = await connect(address, tokens.bob);
    const { data: joined } = await alice.command('join_room', { room_id: 'lobby' });
    await bob.command('join_room', { room_id: 'lobby' });
    const { node_id: nodeId } = alice.session;
    const going = gateways.find((gateway) => gateway.nodeId === nodeId);
    going.child.kill('SIGTERM');
    await alice.next('draining');
    assert.equal(await alice.closed, 1012);
    const { data: sent } = await bob.command('room_message', { room_id: 'lobby', content: 'meanwhile' });

    // Not waiting for the balancer to have noticed: what a gateway refuses, it asks of the other one.
    const back = await connect(address, tokens.alice);
    assert.notEqual(back.session.node_id, nodeId);
    const since = { epoch: joined.epoch, seq: joined.seq };
    const { data: again } = await back.command('join_room', { room_id: 'lobby', since });
    assert.deepEqual(
      [again.recovered, again.messages.map(({ seq, content }) => [seq, content])],
      [true, [[sent.seq, 'meanwhile']]],
    );
    assert.deepEqual(await going.ended, { code: 0, signal: null });
    for (const person of [back, bob]) person.close();
  });

  test('a gateway of a cluster keeps nothing of its own', () => {
    assert.equal(existsSync(join(folder, 'data')), false);
  });

  test('without any gateway the load balancer answers as a gateway would', LIMIT, async () => {
    for (const { child } of gateways) child.kill('SIGTERM');
    await Promise.all(gateways.map(({ ended }) => ended));
    const response = await fetch(`${address.http}/health`);
    const body = await response.json();
    assert.deepEqual([response.status, body.code, body.retryable], [503, 1003, true]);
  });
}

async function start() {
  folder = mkdtempSync(join(tmpdir(), 'hubbub-balancer-'));
  for (const service of PARTS) servers.push(await startServer(service));
  const [broker, database, cache] = servers;
  const starting = ['one', 'two'].map((nodeId) => startGateway(nodeId, { broker, database, cache }));
  gateways.push(...(await Promise.all(starting)));
  const port = await freePort();
  const file = join(folder, 'haproxy.cfg');
  writeFileSync(file, configuration(port, await freePort()));
  // What it says of itself goes to the log of the test.
  balancer = spawn(haproxy, ['-db', '-f', file], { stdio: ['ignore', 'ignore', 'inherit'] });
  const http = `http://127.0.0.1:${port}`;
  address = { http, socket: new URL(`ws://127.0.0.1:${port}/ws`) };
  while (
    !(await fetch(`${http}/health/ready`).then(
      ({ ok }) => ok,
      () => false,
    ))
  ) {
    assert.equal(balancer.exitCode, null, 'haproxy runs');
    await sleep(50);
  }
}

async function startGateway(nodeId, { broker, database, cache }) {
  const env = {
    ...process.env,
    ...environmentOf('gateway'),
    HUBBUB_DATABASE_URL: database.url,
    HUBBUB_BUS_URL: broker.url,
    HUBBUB_CACHE_URL: cache.url,
    HUBBUB_SERVER_HOST: '127.0.0.1',
    HUBBUB_SERVER_PORT: '0',
    HUBBUB_CLUSTER_NODE_ID: nodeId,
    HUBBUB_DATA_DIR: join(folder, 'data'),
    HUBBUB_DRAIN_TIMEOUT_MS: '2000',
  };
  const main = join(ROOT, 'dist/apps/gateway/src/main.js');
  const gateway = await startListening(process.execPath, [main], { cwd: folder, env });
  return { ...gateway, nodeId, http: `http://${gateway.socket.host}` };
}

/** deploy/haproxy/haproxy.cfg with the addresses of this run. */
function configuration(port, statusPort) {
  const list = gateways.map(
    ({ socket }, at) => `  server gateway-${at + 1} ${socket.host} check inter 1s fall 2 rise 1`,
  );
  const replacements = [
    [/^ {2}bind :8080$/m, `  bind 127.0.0.1:${port}`],
    [/^ {2}bind :8404$/m, `  bind 127.0.0.1:${statusPort}`],
    [/^ {2}server-template .*$/m, list.join('\n')],
  ];
  let text = read('deploy/haproxy/haproxy.cfg');
  for (const [pattern, replacement] of replacements) {
    assert.match(text, pattern);
    text = text.replace(pattern, replacement);
  }
  return text;
}

async function stop() {
  if (balancer?.kill('SIGTERM')) await once(balancer, 'exit');
  for (const { child } of gateways) child.kill('SIGKILL');
  await Promise.all([...gateways.map(({ ended }) => ended), ...servers.map(stopServer)]);
  rmSync(folder, { recursive: true, force: true });
}
