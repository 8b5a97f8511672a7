/**
 * What the log alone costs on each database: senders who post to rooms, each the next message once the last is stored, through
 * group commit and store, without a gateway. Servers are its own, and sync every commit to the disk.
 *
 *     node bench/append.mjs [--databases sqlite,postgres,mariadb] [--senders 100] [--rooms 10] [--in-flight 1] [--secs 5] [--keys] [--sync-ms 0]
 *
 * `--keys`: each message has an idempotency key. `--sync-ms 5`: as on a disk that takes so much longer to sync.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { buildIfStale } from '../scripts/build.mjs';
import { ROOT } from '../scripts/run-process.mjs';
import { stopServer } from '../scripts/services/start.mjs';
import { cpuOf, quantile, startDurable } from './own-servers.mjs';

const CONTENT = JSON.stringify('x'.repeat(126));
const WARM_UP_S = 2;
const VARIABLES = { postgres: 'TEST_POSTGRES_URL', mariadb: 'TEST_MARIADB_URL' };

const { values } = parseArgs({
  options: {
    databases: { type: 'string', default: 'sqlite,postgres,mariadb' },
    senders: { type: 'string', default: '100' },
    rooms: { type: 'string', default: '10' },
    'in-flight': { type: 'string', default: '1' },
    secs: { type: 'string', default: '5' },
    keys: { type: 'boolean', default: false },
    'sync-ms': { type: 'string', default: '0' },
  },
});
const syncMs = values['sync-ms'];
if (process.env.BENCH_SYNC_MS !== syncMs && syncMs !== '0') process.exit(againWithSlowSync());
const size = { senders: Number(values.senders), rooms: Number(values.rooms), inFlight: Number(values['in-flight']) };

if (!(await buildIfStale())) process.exit(1);
const load = (file) => import(pathToFileURL(join(ROOT, 'dist', file)));
const { openMessages } = await load('libs/messages/src/testing/open-messages.js');
const { openTestDatabase } = await load('libs/storage/src/testing/open-test-database.js');

console.log(
  `${size.senders} senders, ${size.rooms} rooms, ${size.inFlight} in flight each, 128 bytes, every commit synced`,
);
console.log('database    messages/s   p50 ms   p99 ms   CPU µs a message: this process   the server');
for (const type of values.databases.split(',')) print(type, await measure(type));

/** The same in a process, and with servers, that wait at each sync. @returns its exit code */
function againWithSlowSync() {
  const library = join(tmpdir(), `slow-sync-${process.pid}.so`);
  execFileSync('cc', ['-shared', '-fPIC', '-o', library, join(ROOT, 'bench/slow-sync.c'), '-ldl']);
  const env = { ...process.env, LD_PRELOAD: library, BENCH_SYNC_MS: syncMs };
  const { status } = spawnSync(process.execPath, process.argv.slice(1), { env, stdio: 'inherit' });
  rmSync(library);
  return status ?? 1;
}

function print(type, { perSecond, p50, p99, ours, servers }) {
  const cells = [perSecond.toFixed(0).padStart(10), ...[p50, p99].map((ms) => ms.toFixed(1).padStart(6))];
  const cpu = `${ours.toFixed(1).padStart(31)}${(Number.isNaN(servers) ? '–' : servers.toFixed(1)).padStart(13)}`;
  console.log(`${type.padEnd(12)}${cells.join('   ')}   ${cpu}`);
}

async function measure(type) {
  const server = type === 'sqlite' ? null : await startDurable(type);
  if (server !== null) process.env[VARIABLES[type]] = server.url;
  try {
    const messages = await openMessages({ open: (options) => openTestDatabase({ ...options, type }) });
    const rooms = Array.from({ length: size.rooms }, (_, n) => `room-${n}`);
    for (const room of rooms) await messages.createRoom(room);
    const figures = await run(messages.log, rooms, server?.pid);
    await messages.close();
    return figures;
  } finally {
    if (server !== null) await stopServer(server);
  }
}

async function run(log, rooms, pid) {
  let took = [];
  let isOver = false;
  let count = 0;
  const send = (sender) => {
    const startedAt = performance.now();
    const entry = { roomId: rooms[sender % rooms.length], senderId: `user${sender}`, senderName: 'User' };
    const key = values.keys ? { idempotencyKey: `key-${count++}` } : {};
    log.append({ ...entry, contentJson: CONTENT, ...key }).onSettled((error) => {
      if (error !== undefined) throw error;
      took.push(performance.now() - startedAt);
      if (!isOver) send(sender);
    });
  };
  for (let sender = 0; sender < size.senders; sender++) for (let n = 0; n < size.inFlight; n++) send(sender);
  await sleep(WARM_UP_S * 1000);
  took = [];
  const before = {
    at: performance.now(),
    ours: process.cpuUsage(),
    servers: pid === undefined ? Number.NaN : cpuOf(pid),
  };
  await sleep(Number(values.secs) * 1000);
  const stored = took.toSorted((a, b) => a - b);
  const { user, system } = process.cpuUsage(before.ours);
  const servers = pid === undefined ? Number.NaN : cpuOf(pid) - before.servers;
  isOver = true;
  return {
    perSecond: stored.length / ((performance.now() - before.at) / 1000),
    p50: quantile(stored, 0.5),
    p99: quantile(stored, 0.99),
    ours: (user + system) / stored.length,
    servers: (servers * 1e6) / stored.length,
  };
}
