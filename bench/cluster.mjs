/**
 * What a cluster takes and costs: gateways as processes on one Postgres and one broker of their own, people in rooms at some of
 * the nodes, who post durable messages. CPU is told for each node, also for those that have no members of these rooms.
 *
 *     node bench/cluster.mjs [--nodes 3] [--with-members 2] [--bus nats] [--rooms 10] [--people 100] [--in-flight 1] [--rate N] [--secs 5]
 *
 * `--rate`: messages a second of all together instead of as many as go. The load is a process on the same machine, too.
 */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { WebSocket } from 'ws';
import { buildIfStale } from '../scripts/build.mjs';
import { stopServer } from '../scripts/services/start.mjs';
import { Node } from './chaos/node.mjs';
import { cpuOf, quantile, startDurable } from './own-servers.mjs';
import { signToken } from './token.mjs';

const CONTENT = 'x'.repeat(126);
const WARM_UP_S = 2;
const IDLE_S = 3;
const PERMISSIONS = ['read:message', 'send:message', 'join:room'];
/** The type of a frame is its first word. */
const HEAD_BYTES = 48;

const { values } = parseArgs({
  options: {
    nodes: { type: 'string', default: '3' },
    'with-members': { type: 'string', default: '2' },
    bus: { type: 'string', default: 'nats' },
    rooms: { type: 'string', default: '10' },
    people: { type: 'string', default: '100' },
    'in-flight': { type: 'string', default: '1' },
    rate: { type: 'string', default: '0' },
    secs: { type: 'string', default: '5' },
  },
});
const size = {
  nodes: Number(values.nodes),
  withMembers: Math.min(Number(values.nodes), Number(values['with-members'])),
  rooms: Number(values.rooms),
  people: Number(values.people),
  inFlight: Number(values['in-flight']),
  rate: Number(values.rate),
};
const bus = size.nodes > 1 ? values.bus : null;
const folder = mkdtempSync(join(tmpdir(), 'hubbub-cluster-'));
const secret = randomBytes(48).toString('hex');
const servers = [];
const nodes = [];
const people = [];
let took = [];
let isOver = false;

if (!(await buildIfStale())) process.exit(1);
try {
  await start();
  await fill();
  const idle = await measure(IDLE_S);
  load();
  await sleep(WARM_UP_S * 1000);
  took = [];
  const busy = await measure(Number(values.secs));
  isOver = true;
  tell(
    idle,
    busy,
    took.toSorted((a, b) => a - b),
  );
} finally {
  for (const { socket } of people) socket.terminate();
  await Promise.all(nodes.map((node) => node.kill()));
  await Promise.all(servers.map(stopServer));
  rmSync(folder, { recursive: true, force: true });
}

async function start() {
  const names = bus === null ? ['postgres'] : ['postgres', bus];
  for (const name of names) servers.push(await startDurable(name));
  const [database, broker] = servers;
  const many = '1000000';
  const env = {
    HUBBUB_AUTH_SECRET: secret,
    HUBBUB_DATA_DIR: folder,
    HUBBUB_DATABASE_TYPE: 'postgres',
    HUBBUB_DATABASE_URL: database.url,
    ...(broker && { HUBBUB_BUS_TYPE: bus, HUBBUB_BUS_URL: broker.url }),
    HUBBUB_SERVER_MAX_CONNECTIONS_PER_IP: many,
    HUBBUB_LIMITS_COMMANDS_PER_S: many,
    HUBBUB_LIMITS_COMMANDS_BURST: many,
    HUBBUB_LIMITS_HTTP_PER_S: many,
    HUBBUB_LIMITS_HTTP_BURST: many,
  };
  for (let n = 0; n < size.nodes; n++) nodes.push(await Node.at(`node-${n}`, { env, log: join(folder, `${n}.log`) }));
  await Promise.all(nodes.map((node) => node.start()));
}

/** The people of each room, spread over the nodes that have members; at the others as many, in a room where nobody talks. */
async function fill() {
  const rooms = Array.from({ length: size.rooms }, (_, n) => `room-${n}`);
  const quiet = 'quiet';
  const headers = { authorization: `Bearer ${signToken(secret, 'admin', ['admin:system', 'create:room'])}` };
  for (const id of [...rooms, quiet]) {
    const body = JSON.stringify({ id, max_clients: 0 });
    const init = { method: 'POST', headers: { ...headers, 'content-type': 'application/json' }, body };
    const { status } = await fetch(`${nodes[0].http}/api/rooms`, init);
    if (status !== 201) throw new Error(`making ${id} was answered ${status}`);
  }
  const withMembers = nodes.slice(0, size.withMembers);
  const others = nodes.slice(size.withMembers);
  const perNode = size.people / withMembers.length;
  for (let n = 0; n < size.people; n++) {
    const node = withMembers[Math.floor(n / rooms.length) % withMembers.length];
    people.push(await enter(node, `person-${n}`, rooms[n % rooms.length]));
  }
  for (const node of others) {
    for (let n = 0; n < perNode; n++)
      people.push({ ...(await enter(node, `${node.name}-${n}`, quiet)), isQuiet: true });
  }
}

/** One connection in one room. Frames are told apart by their first bytes and not parsed: the load is to cost little. */
async function enter(node, name, room) {
  const socket = new WebSocket(node.url, ['hubbub.v1', `bearer.${signToken(secret, name, PERMISSIONS)}`]);
  const person = { socket, room, sentAt: [], received: 0 };
  const next = () => new Promise((resolve) => socket.once('message', (bytes) => resolve(String(bytes))));
  await next();
  socket.send(JSON.stringify({ message_type: 'join_room', message_id: 0, data: { room_id: room, history: 0 } }));
  for (let frame = ''; !frame.includes('"room_joined"'); ) {
    frame = await next();
    if (frame.includes('"error"')) throw new Error(frame);
  }
  socket.on('message', (bytes) => {
    const head = bytes.toString('latin1', 0, HEAD_BYTES);
    if (head.includes('"room_message_sent"')) {
      took.push(performance.now() - person.sentAt.shift());
      if (size.rate === 0 && !isOver) send(person);
    } else if (head.includes('"room_message"')) person.received++;
    else if (head.includes('"error"')) throw new Error(String(bytes));
  });
  return person;
}

function send(person) {
  person.sentAt.push(performance.now());
  const data = { room_id: person.room, content: CONTENT };
  person.socket.send(JSON.stringify({ message_type: 'room_message', message_id: 1, data }));
}

function load() {
  const senders = people.filter(({ isQuiet }) => !isQuiet);
  if (size.rate > 0) {
    const every = (1000 * senders.length) / size.rate;
    for (const person of senders)
      setTimeout(() => setInterval(() => send(person), every).unref(), Math.random() * every);
    return;
  }
  for (const person of senders) for (let n = 0; n < size.inFlight; n++) send(person);
}

/** CPU of all, in s, in so many seconds. */
async function measure(secs) {
  const before = await usage();
  const at = performance.now();
  await sleep(secs * 1000);
  const after = await usage();
  const cpu = Object.fromEntries(Object.entries(after).map(([name, used]) => [name, used - before[name]]));
  return { secs: (performance.now() - at) / 1000, cpu };
}

async function usage() {
  const ofNodes = nodes.map(async (node) => {
    const metrics = await (await fetch(`${node.http}/metrics`)).text();
    return [node.name, Number(metrics.match(/^process_cpu_seconds_total (\S+)$/m)[1])];
  });
  const { user, system } = process.cpuUsage();
  const ofServers = servers.map(({ name, pid }) => [name, cpuOf(pid)]);
  return Object.fromEntries([...(await Promise.all(ofNodes)), ...ofServers, ['load', (user + system) / 1e6]]);
}

function tell(idle, busy, sorted) {
  const count = sorted.length;
  const members = size.people / size.rooms;
  const where = `${size.nodes} nodes, members at ${size.withMembers} of them, ${bus ?? 'no bus'}`;
  console.log(`${where}; ${size.rooms} rooms of ${members}, everybody a sender`);
  const [p50, p99] = [0.5, 0.99].map((share) => quantile(sorted, share).toFixed(1));
  console.log(
    `${(count / busy.secs).toFixed(0)} messages/s, each to ${members} people; answered in ${p50} ms (p50), ${p99} ms (p99)`,
  );
  console.log('           CPU µs a message   CPU when nobody talks');
  for (const [name, used] of Object.entries(busy.cpu)) {
    // What is used anyway is not used for messages.
    const share = idle.cpu[name] / idle.secs;
    const each = ((used - share * busy.secs) * 1e6) / count;
    console.log(`${name.padEnd(10)} ${each.toFixed(1).padStart(16)}   ${(share * 100).toFixed(1).padStart(19)} %`);
  }
}
