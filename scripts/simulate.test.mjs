/** The model of `npm run simulate`, and that docs/scaling.md shows what was measured. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { readMeasured } from '../bench/growth/measured.mjs';
import { compare } from '../bench/simulate/check.mjs';
import { checkMix, MIXES } from '../bench/simulate/mixes.mjs';
import { CAPACITY, nodesReached, plan, ratesOf, SETTINGS, sharedLimit, usageOf } from '../bench/simulate/model.mjs';
import { readOptions } from '../bench/simulate/options.mjs';
import { CHART, chartOf, PAGE, pageOf } from '../bench/simulate/page.mjs';
import { slopeOf, unitsOf } from '../bench/simulate/units.mjs';

const near = (actual, expected) =>
  assert.ok(Math.abs(actual - expected) <= 1e-6 * Math.abs(expected), `${actual}, not ${expected}`);

/** One kind of room, one message a second in each, nobody comes or goes. */
const mixOf = (room, more = {}) => ({
  ...{ sessionMinutes: 1e12, payloadBytes: 128, busyShare: 1, ...more },
  rooms: [{ perConnection: 1, ephemeralPerMinute: 60, ...room }],
});
/** Stored instead. */
const STORED = { storedPerMinute: 60, ephemeralPerMinute: 0 };
const NOTHING = {
  node: {
    ...{ delivery: 0, ephemeral: 0, stored: 0, remote: 0, join: 0, handshake: 0, heartbeat: 0 },
    ...{
      userSecond: 0,
      roomSecond: 0,
      idleSecond: 0,
      peerSecond: 0,
      baseKb: 0,
      connectionKb: 0,
      roomKb: 0,
      pushBytes: 300,
    },
  },
  bus: { publish: 0, delivery: 0, publishBytes: 0, deliveryBytes: 0, userKb: 0, roomKb: 0 },
  database: { append: 0, idleSecond: 0, nodeSecond: 0, userSecond: 0, roomSecond: 0, messageBytes: 0 },
};
const costing = (of, costs) => ({ ...NOTHING, [of]: { ...NOTHING[of], ...costs } });

/** What would have been measured if each thing cost exactly so: µs, kB, bytes. */
const MADE_OF = {
  ...{ delivery: 9, joined: 1.5, ephemeral: 40, stored: 150, remote: 30, heartbeat: 25, userMs: 0.004, roomMs: 0.03 },
  ...{ base: 150_000, connection: 7, room: 5, publish: 8, busDelivery: 3, append: 120, busBytes: [400, 350] },
  ...{ idleDatabaseMs: 4, nodeDatabaseMs: 6 },
};
function measuredAs(made) {
  const machine = { cpu: 'a CPU', cores: 2, memory_gib: 4, kernel: 'Linux 6.1', node: 'v22.0.0' };
  const part = (key, points, more = {}) => [key, { ...more, key, machine, date: '2026-01-01', points }];
  const line = (xs, figuresAt) => xs.map((x) => ({ x, figures: figuresAt(x) }));
  return Object.fromEntries([
    part('room-size', [
      ...line([10, 100, 1000], (x) => ({ message_us: made.ephemeral + (x - 1) * made.delivery })),
      { x: 50_000, leftOut: 'files' },
    ]),
    part(
      'connections',
      line([1000, 5000], (x) => ({
        kb: made.base + x * made.connection,
        idle_ms: 20 + ((x / 2) * made.heartbeat) / 1000,
      })),
      { heartbeatS: 2 },
    ),
    part(
      'open-rooms',
      line([1000, 10_000], (x) => ({ kb: 99 + x * made.room })),
    ),
    part(
      'nodes',
      line([1, 2, 4, 8], (x) => {
        const withMembers = Math.ceil((x * 2) / 3);
        return {
          withMembers,
          sender_us: made.stored + 9 * made.delivery,
          member_us: withMembers > 1 ? made.remote + 10 * made.delivery : null,
          database_us: made.append,
          bus_us: made.publish + (withMembers - 1) * made.busDelivery,
          bus_bytes: made.busBytes[0] + (withMembers - 1) * made.busBytes[1],
          idle_ms: 10 + (x - 1),
          idle_database_ms: made.idleDatabaseMs + x * made.nodeDatabaseMs,
          check: { messagesPerS: 300, node: 0.1, database: 0.05, bus: 0.01 },
        };
      }),
      { traffic: { rooms: 5, members: 40 } },
    ),
    part(
      'online',
      line([100, 10_000], (x) => ({
        node_ms: 10 + x * made.userMs,
        database_ms: 5 + x * made.userMs,
        bus_kb: 9000 + x,
      })),
    ),
    part(
      'followed',
      line([100, 20_000], (x) => ({
        node_ms: 10 + x * made.roomMs,
        database_ms: 5 + x * made.roomMs,
        bus_kb: 9000 + 2 * x,
      })),
    ),
    part(
      'history-postgres',
      line([1000, 1e7], () => ({ append_server_us: 12, bytes: 250 })),
    ),
    part(
      'rows',
      [
        ['A2', { cpu_us: made.joined, bytes: 330 }],
        ['S1', { cpu_us: 9 * made.joined + 15 }],
        ['S3', { cpu_us: 9 * made.joined + 40 }],
        ['J', { cpu_us: 90 }],
        ['HT', { cpu_us: 180 }],
      ].map(([x, figures]) => ({ x, figures })),
    ),
  ]);
}

test('a room reaches one node for one member, nearly one for each of a few on many nodes, all for very many', () => {
  near(nodesReached(1, 7), 1);
  near(nodesReached(2, 2), 1.5);
  near(nodesReached(1e6, 8), 8);
  assert.ok(nodesReached(3, 1000) > 2.99 && nodesReached(3, 1000) < 3);
});

test('a message is delivered to all but its sender, and sent once to every other node that has members', () => {
  const rates = ratesOf(mixOf({ size: 20 }), 10_000, 1);
  near(rates.ephemeral, 500);
  near(rates.deliveries, 500 * 19);
  assert.equal(rates.remote, 0);
  near(ratesOf(mixOf({ size: 20 }), 10_000, 4).remote, 500 * (nodesReached(20, 4) - 1));
});

test('people who come and go are told to the others of the room: each while it is rare, once a window while it is not', () => {
  const news = (sessionMinutes) =>
    ratesOf(mixOf({ ephemeralPerMinute: 0 }, { sessionMinutes }), 1001, 1).presence / 1000;
  const rarely = 1e6;
  assert.ok(Math.abs(news(rarely) / ((2 * 1001) / (rarely * 60)) - 1) < 0.001);
  const often = 1e-6;
  assert.ok(news(often) > 0.99 / SETTINGS.coalesceS && news(often) <= 1 / SETTINGS.coalesceS);
  const told = ratesOf(mixOf({ size: 100_000, ephemeralPerMinute: 0 }, { sessionMinutes: 1 }), 100_000, 4).presence;
  assert.ok(told > 0.99 * 4 * SETTINGS.toldPerS && told <= 4 * SETTINGS.toldPerS);
});

test('a cost is spent where the thing is done: deliveries by the nodes together, appends by the database', () => {
  const mix = mixOf({ size: 10, ...STORED });
  near(usageOf(mix, 1000, 2, costing('node', { delivery: 4 })).node.cores, (100 * 9 * 4) / 2 / 1e6);
  near(usageOf(mix, 1000, 2, costing('database', { append: 50 })).database.cores, (100 * 50) / 1e6);
  near(usageOf(mix, 1000, 3, costing('database', { idleSecond: 5, nodeSecond: 7 })).database.cores, (5 + 3 * 7) / 1e6);
  near(
    usageOf(mix, 1000, 2, costing('node', { remote: 7 })).node.cores,
    (100 * (nodesReached(10, 2) - 1) * 7) / 2 / 1e6,
  );
  near(usageOf(mix, 1000, 2, costing('node', { baseKb: 2 ** 20, connectionKb: 2 ** 20 })).node.memoryGib, 501);
});

test('a room takes memory on each node that follows it, and for its members', () => {
  const memory = (size, nodes) =>
    usageOf(mixOf({ size }), 1000, nodes, costing('node', { roomKb: 2 ** 20 })).node.memoryGib;
  near(memory(2, 1), 500);
  near(memory(10, 1), 100 + 800 / 2);
  near(memory(1, 4), 1000 / 4);
});

test('one node asks nobody and has no bus; several look into the database as often as they are told', () => {
  const watching = costing('database', { userSecond: 10, roomSecond: 0 });
  const mix = mixOf({ size: 10 });
  assert.equal(usageOf(mix, 1000, 1, watching).database.cores, 0);
  near(usageOf(mix, 1000, 2, watching).database.cores, (1000 * 10) / 1e6);
  near(usageOf(mix, 1000, 2, watching, { ...SETTINGS, repairS: 5 }).database.cores, (1000 * 10) / 1e6 / 5);
  assert.equal(usageOf(mix, 1000, 1, costing('bus', { publish: 5 })).bus.cores, 0);
});

test('the database grows by what is stored, over a day that is not always busy', () => {
  const units = costing('database', { messageBytes: 2 ** 30 / 86_400 });
  near(usageOf(mixOf({ size: 1, ...STORED }, { busyShare: 0.5 }), 10, 1, units).database.gibADay, 5);
});

test('the plan has the fewest nodes on which nothing is used beyond its share', () => {
  const units = costing('node', { delivery: 10 });
  const mix = mixOf({ size: 11 });
  const { nodes, fullest } = plan(mix, 110_000, units);
  // 10,000 rooms × 10 deliveries × 10 µs: a core, of which 60 % may be used.
  assert.deepEqual([nodes, fullest[0]], [2, 'CPU of the nodes']);
  const memory = plan(mix, 110_000, costing('node', { connectionKb: 400 }));
  assert.deepEqual([memory.nodes, memory.fullest[0]], [11, 'memory of the nodes']);
  assert.deepEqual(plan(mix, 250_000, NOTHING).fullest[0], 'connections of a node');
});

test('more nodes do not help a node that has to hear every message', () => {
  const units = costing('node', { ephemeral: 10, remote: 10 });
  const cores = (nodes) => usageOf(mixOf({ ephemeralPerMinute: 60 * 70_000 }), 1e8, nodes, units).node.cores;
  for (const nodes of [1, 10, 1000]) near(cores(nodes), 0.7);
  assert.equal(plan(mixOf({ ephemeralPerMinute: 60 * 70_000 }), 1e8, units).nodes, null);
});

test('it tells which shared server is full first, and with how many connections', () => {
  const mix = mixOf({ size: 1, ...STORED });
  const { name, connections } = sharedLimit(mix, costing('database', { append: 1 }));
  const expected = CAPACITY.databaseCores * CAPACITY.share * 1e6;
  assert.equal(name, 'CPU of the database');
  assert.ok(connections > expected * 0.98 && connections < expected * 1.02, String(connections));
  assert.equal(sharedLimit(mixOf({ size: 1, ephemeralPerMinute: 0 }), NOTHING), null);
});

test('where nodes cost each other something, too many of them are no better than too few', () => {
  // 50 cores of deliveries; 10 ms a second for each other node.
  const units = costing('node', { delivery: 100, peerSecond: 1000 });
  const { nodes } = plan(mixOf({ size: 11 }), 550_000, units);
  // 50 / n + 0.001 (n − 1) ≤ 0.6
  assert.equal(nodes, 100);
  const dear = plan(mixOf({ size: 11 }), 550_000, costing('node', { delivery: 100, peerSecond: 10_000 }));
  assert.ok(dear.nodes === null && Math.abs(dear.closest - 71) <= 2, String(dear.closest));
});

test('the slope of points on a line is that of the line', () => {
  near(
    slopeOf([
      [1, 5],
      [2, 7],
      [10, 23],
    ]),
    2,
  );
  assert.equal(slopeOf([[3, 9]]), 0);
});

test('what things cost is found again in measurements of them', () => {
  const { node, bus, database } = unitsOf(measuredAs(MADE_OF));
  const found = { ...node, publish: bus.publish, busDelivery: bus.delivery, append: database.append };
  const same = ['delivery', 'ephemeral', 'stored', 'remote', 'heartbeat', 'publish', 'busDelivery', 'append'];
  for (const name of same) near(found[name], MADE_OF[name]);
  // A ms a second for each is a thousand µs.
  for (const [name, ms] of [
    ['userSecond', 'userMs'],
    ['roomSecond', 'roomMs'],
  ]) {
    near(node[name], MADE_OF[ms] * 1000);
    near(database[name], MADE_OF[ms] * 1000);
  }
  near(database.idleSecond, MADE_OF.idleDatabaseMs * 1000);
  near(database.nodeSecond, MADE_OF.nodeDatabaseMs * 1000);
  near(node.baseKb, MADE_OF.base);
  near(node.connectionKb, MADE_OF.connection);
  near(node.peerSecond, 1000);
  near(bus.deliveryBytes, MADE_OF.busBytes[1]);
});

test('under full load, what a message and a delivery cost is that of the rows with everything joined', () => {
  const { node, database } = unitsOf(measuredAs(MADE_OF), 'joined');
  for (const [found, made] of [
    [node.delivery, MADE_OF.joined],
    [node.ephemeral, 15],
    [node.stored, 40],
    [database.append, 12],
  ])
    near(found, made);
});

test('a million connections of every mix are reckoned into figures', () => {
  for (const at of ['alone', 'joined'])
    for (const [name, mix] of Object.entries(MIXES)) {
      const { nodes, usage } = plan(mix, 1e6, unitsOf(measuredAs(MADE_OF), at));
      assert.ok(nodes === null || nodes >= 10, name);
      for (const figure of [usage.node, usage.bus, usage.database].flatMap(Object.values))
        assert.ok(Number.isFinite(figure) && figure >= 0, name);
    }
});

test('what was not measured is asked for by its command', () => {
  assert.throws(() => unitsOf({}), /npm run growth -- --keep --parts room-size/);
});

test('the check reckons with the same traffic that was measured', () => {
  const part = {
    traffic: { rooms: 5, members: 40 },
    points: [{ x: 1, figures: { check: { messagesPerS: 300, node: 0.1, database: 0.05, bus: 0 } } }],
  };
  const [{ nodes, node, database, bus }] = compare(part, costing('node', { delivery: 5, stored: 100 }));
  assert.equal(bus, null);
  assert.equal(nodes, 1);
  near(node.predicted, (300 * (39 * 5 + 100)) / 1e6);
  assert.deepEqual([node.measured, database.measured], [0.1, 0.05]);
});

test('connections are told as people write them; what is not understood is told in words', () => {
  assert.equal(readOptions(['--connections', '1.5M']).connections, 1_500_000);
  assert.equal(readOptions(['--connections', '200k', '--mix', 'chat']).connections, 200_000);
  assert.throws(() => readOptions(['--connections', 'many']), /such as 5000, 200k or 1.5M/);
  assert.throws(() => readOptions(['--mix', 'chess']), /no mix is called chess; there are chat, event/);
  assert.throws(() => readOptions(['--bus-cores', '0']), /--bus-cores 0: a number above 0/);
  assert.throws(
    () => checkMix({ ...MIXES.chat, rooms: [{ size: 0 }] }, 'mine'),
    /mine: rooms\[0\].perConnection, rooms\[0\].size/,
  );
});

test('docs/scaling.md and its chart show what was measured last: npm run simulate -- --write brings them up to it', () => {
  const measured = readMeasured();
  const page = readFileSync(PAGE, 'utf8');
  assert.equal(page, pageOf(page, measured));
  assert.equal(readFileSync(CHART, 'utf8'), chartOf(measured));
});
