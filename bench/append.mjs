/**
 * What the log alone costs on each database: senders who post to rooms, each the next message once the last is stored, through
 * group commit and store, without a gateway. Servers are its own, and sync every commit to the disk.
 *
 *     node bench/append.mjs [--databases sqlite,postgres,mariadb] [--senders 100] [--rooms 10] [--in-flight 1] [--secs 5]
 *                           [--bytes 128] [--keys] [--old 0] [--rate 0] [--sync-ms 0] [--batches 16,64,256] [--chart FILE]
 *
 * `--keys`: each message has an idempotency key. `--old 1000000`: so many messages are there before. `--rate`: messages a second of
 * all together instead of as many as go. `--sync-ms 5`: as on a disk that takes so much longer to sync. `--batches`: the same with
 * each of these as the most messages of a commit; `--chart` draws that.
 *
 * `loop`: how much later than it should a timer of each millisecond ran, at the p99: for how long the event loop was held up. The
 * senders are on this loop too.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { buildIfStale } from '../scripts/build.mjs';
import { ROOT } from '../scripts/run-process.mjs';
import { stopServer } from '../scripts/services/start.mjs';
import { lineChart } from './growth/line-chart.mjs';
import { cpuOf, quantile, startDurable } from './own-servers.mjs';

const WARM_UP_S = 1;
const PACE_MS = 2;
const FILL_AT_ONCE = 10_000;
const VARIABLES = { postgres: 'TEST_POSTGRES_URL', mariadb: 'TEST_MARIADB_URL' };

const { values } = parseArgs({
  options: {
    databases: { type: 'string', default: 'sqlite,postgres,mariadb' },
    senders: { type: 'string', default: '100' },
    rooms: { type: 'string', default: '10' },
    'in-flight': { type: 'string', default: '1' },
    secs: { type: 'string', default: '5' },
    bytes: { type: 'string', default: '128' },
    keys: { type: 'boolean', default: false },
    old: { type: 'string', default: '0' },
    rate: { type: 'string', default: '0' },
    'sync-ms': { type: 'string', default: '0' },
    batches: { type: 'string' },
    chart: { type: 'string' },
  },
});
const syncMs = values['sync-ms'];
if (process.env.BENCH_SYNC_MS !== syncMs && syncMs !== '0') process.exit(againWithSlowSync());
const content = JSON.stringify('x'.repeat(Number(values.bytes) - 2));
const size = { senders: Number(values.senders), rooms: Number(values.rooms), inFlight: Number(values['in-flight']) };
const [old, rate] = [Number(values.old), Number(values.rate)];
const bounds = values.batches?.split(',').map(Number) ?? [undefined];

const entryOf = (rooms, sender) => ({
  ...{ roomId: rooms[sender % rooms.length], senderId: `user${sender}`, senderName: 'User' },
  contentJson: content,
});

let keys = 0;

if (!(await buildIfStale())) process.exit(1);
const load = (file) => import(pathToFileURL(join(ROOT, 'dist', file)));
const { openMessages } = await load('libs/messages/src/testing/open-messages.js');
const { openTestDatabase } = await load('libs/storage/src/testing/open-test-database.js');
const { AppendBatcher } = await load('libs/messages/src/append-batcher.js');

const work = rate > 0 ? `${rate} messages/s` : `${size.inFlight} in flight each`;
console.log(`${size.senders} senders, ${size.rooms} rooms, ${work}, ${values.bytes} bytes, every commit synced`);
console.log(
  'database   batch ≤   messages/s   p50 ms   p99 ms   loop ms   batch   CPU µs a message: this process   the server',
);
const measured = {};
for (const type of values.databases.split(',')) measured[type] = await measure(type);
if (values.chart !== undefined) writeFileSync(values.chart, lineChart([chartOf(measured)]));

/** The same in a process, and with servers, that wait at each sync. @returns its exit code */
function againWithSlowSync() {
  const library = join(tmpdir(), `slow-sync-${process.pid}.so`);
  execFileSync('cc', ['-shared', '-fPIC', '-o', library, join(ROOT, 'bench/slow-sync.c'), '-ldl']);
  const env = { ...process.env, LD_PRELOAD: library, BENCH_SYNC_MS: syncMs };
  const { status } = spawnSync(process.execPath, process.argv.slice(1), { env, stdio: 'inherit' });
  rmSync(library);
  return status ?? 1;
}

function print(type, { bound, perSecond, p50, p99, loop, batch, ours, servers }) {
  const fixed = (value, digits, width) =>
    (value === undefined || Number.isNaN(value) ? '–' : value.toFixed(digits)).padStart(width);
  console.log(
    type.padEnd(9) +
      [fixed(bound, 0, 9), fixed(perSecond, 0, 13), fixed(p50, 1, 9), fixed(p99, 1, 9), fixed(loop, 1, 10)].join('') +
      [fixed(batch, 0, 8), fixed(ours, 1, 34), fixed(servers, 1, 13)].join(''),
  );
}

/** @returns the figures of each bound */
async function measure(type) {
  const server = type === 'sqlite' ? null : await startDurable(type);
  if (server !== null) process.env[VARIABLES[type]] = server.url;
  try {
    const messages = await openMessages({ open: (options) => openTestDatabase({ ...options, type }) });
    const rooms = Array.from({ length: size.rooms }, (_, n) => `room-${n}`);
    for (const room of rooms) await messages.createRoom(room);
    await fill(messages.store, rooms);
    const all = [];
    for (const bound of bounds) {
      const figures = { bound, ...(await run(messages.store, rooms, bound, server?.pid)) };
      print(type, figures);
      all.push(figures);
    }
    await messages.close();
    return all;
  } finally {
    if (server !== null) await stopServer(server);
  }
}

/** What the bound of a batch does, for `lineChart`. @param measured figures of each bound, by database */
function chartOf(measured) {
  const shown = { p99: ['ms', 'p99 of the answer'], loop: ['ms', 'event loop held up'], ours: ['µs', 'CPU a message'] };
  const all = Object.entries(measured).flatMap(([type, runs]) =>
    Object.entries(shown).map(([figure, [unit, title]]) => ({
      name: `${type} ${figure}`,
      unit,
      title: `${type}: ${title}`,
      figure,
      runs,
    })),
  );
  return {
    title: `Group commit, ${work}`,
    x: 'most messages of a commit',
    figures: Object.fromEntries(all.map(({ name, unit, title }) => [name, { unit, title }])),
    points: bounds.map((x, n) => ({
      x,
      figures: Object.fromEntries(all.map(({ name, figure, runs }) => [name, runs[n][figure]])),
    })),
  };
}

/** What was there before. */
async function fill(store, rooms) {
  for (let stored = 0; stored < old; stored += FILL_AT_ONCE) {
    const count = Math.min(FILL_AT_ONCE, old - stored);
    await store.append(
      Array.from({ length: count }, (_, n) => entryOf(rooms, n)),
      Date.now(),
    );
  }
}

/** @param bound most messages of a commit; undefined for that of the gateway */
async function run(store, rooms, bound, pid) {
  let [took, commits] = [[], 0];
  const batcher = new AppendBatcher((batch) => store.append(batch, Date.now()), {
    ...(bound === undefined ? {} : { maxBatch: bound }),
    onCommit: () => commits++,
  });
  let isOver = false;
  const send = (sender) => {
    const startedAt = performance.now();
    const key = values.keys ? { idempotencyKey: `key-${keys++}` } : {};
    batcher.add({ ...entryOf(rooms, sender), ...key }).onSettled((error) => {
      if (error !== undefined) throw error;
      took.push(performance.now() - startedAt);
      if (!isOver && rate === 0) send(sender);
    });
  };
  const stopPace = rate > 0 ? pace(send) : undefined;
  if (rate === 0)
    for (let sender = 0; sender < size.senders; sender++) for (let n = 0; n < size.inFlight; n++) send(sender);
  await sleep(WARM_UP_S * 1000);
  [took, commits] = [[], 0];
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  const before = {
    at: performance.now(),
    ours: process.cpuUsage(),
    servers: pid === undefined ? Number.NaN : cpuOf(pid),
  };
  await sleep(Number(values.secs) * 1000);
  const secs = (performance.now() - before.at) / 1000;
  delay.disable();
  const stored = took.toSorted((a, b) => a - b);
  const batch = took.length / commits;
  const { user, system } = process.cpuUsage(before.ours);
  const servers = pid === undefined ? Number.NaN : cpuOf(pid) - before.servers;
  isOver = true;
  stopPace?.();
  await batcher.idle();
  return {
    perSecond: stored.length / secs,
    p50: quantile(stored, 0.5),
    p99: quantile(stored, 0.99),
    loop: Math.max(0, delay.percentile(99) / 1e6 - 1),
    batch,
    ours: (user + system) / stored.length,
    servers: (servers * 1e6) / stored.length,
  };
}

/** Messages by the clock, whatever the answers. @returns its end */
function pace(send) {
  const startedAt = performance.now();
  let sent = 0;
  const timer = setInterval(() => {
    for (const due = ((performance.now() - startedAt) / 1000) * rate; sent < due; sent++) send(sent % size.senders);
  }, PACE_MS);
  return () => clearInterval(timer);
}
