/**
 * `npm run soak`: real connections in real rooms, people who drop and come back at random, and an account at the end:
 * does every member have every message once, in order? Options: --connections, --rooms, --rooms-each, --rate, --seconds,
 * --drops (per second), --seed.
 */
import { parseArgs } from 'node:util';
import { buildIfStale } from '../../scripts/build.mjs';
import { startGateway } from './gateway.mjs';
import { Member } from './member.mjs';

const { values } = parseArgs({
  options: {
    connections: { type: 'string', default: '2000' },
    rooms: { type: 'string', default: '100' },
    'rooms-each': { type: 'string', default: '3' },
    rate: { type: 'string', default: '200' },
    seconds: { type: 'string', default: '60' },
    drops: { type: 'string', default: '20' },
    seed: { type: 'string', default: '1' },
  },
});
const number = (name) => Number(values[name]);
const [connections, rooms, roomsEach] = [number('connections'), number('rooms'), number('rooms-each')];

/** mulberry32: the same seed, the same choices. */
let state = number('seed');
function random() {
  state = (state + 0x6d2b79f5) | 0;
  let t = Math.imul(state ^ (state >>> 15), 1 | state);
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
  return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
}
const pick = (all) => all[Math.floor(random() * all.length)];
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** Calls `act` at an average of `perSecond` for `seconds`. */
async function steadily(perSecond, seconds, act) {
  const started = Date.now();
  for (let done = 0; done < perSecond * seconds; ) {
    const due = Math.floor(((Date.now() - started) / 1000) * perSecond);
    for (; done < Math.min(due, perSecond * seconds); done++) act();
    await sleep(5);
  }
}

if (!(await buildIfStale())) process.exit(1);
const gateway = await startGateway({
  HUBBUB_SERVER_MAX_CONNECTIONS_PER_IP: String(connections * 2),
  HUBBUB_LIMITS_CONNECTIONS_PER_USER: '16',
  HUBBUB_LIMITS_ROOMS_PER_USER: String(rooms + 1),
  HUBBUB_LIMITS_HTTP_PER_S: '10000',
});
const roomIds = Array.from({ length: rooms }, (_, n) => `room-${n}`);
const admin = gateway.token('admin', ['admin:system']);
const api = (path, init = {}) =>
  fetch(`${gateway.http}${path}`, {
    ...init,
    headers: { authorization: `Bearer ${admin}`, 'content-type': 'application/json' },
  });
for (const id of roomIds) {
  const { status } = await api('/api/rooms', { method: 'POST', body: JSON.stringify({ id, max_clients: 0 }) });
  if (status !== 201) throw new Error(`making ${id} was answered ${status}`);
}

const permissions = ['read:message', 'send:message', 'join:room', 'leave:room'];
const members = Array.from({ length: connections }, (_, n) => {
  const name = `user-${n}`;
  const own = Array.from({ length: roomsEach }, (_, k) => roomIds[(n * roomsEach + k) % rooms]);
  return new Member({ url: gateway.url, token: gateway.token(name, permissions), name, rooms: own });
});
for (let at = 0; at < members.length; at += 50) await Promise.all(members.slice(at, at + 50).map((m) => m.connect()));
console.log(
  `${connections} connections in ${rooms} rooms, ${roomsEach} rooms each; ${values.rate} messages/s for ${values.seconds} s`,
);

let sent = 0;
let drops = 0;
const away = new Set();
await Promise.all([
  steadily(number('rate'), number('seconds'), () => {
    const member = pick(members);
    member.send(pick([...member.ledgers.keys()]));
    sent++;
  }),
  steadily(number('drops'), number('seconds'), () => {
    const member = pick(members);
    if (away.has(member)) return;
    drops++;
    away.add(member);
    const absence = random() * 3000;
    void member
      .drop(random() < 0.5)
      .then(() => sleep(absence))
      .then(() => member.connect())
      .catch((error) => console.error(`${member.name}: ${error.message}`))
      .finally(() => away.delete(member));
  }),
]);

/** Waits for what only a stalled server would never let come true. */
async function until(condition, what, seconds = 60) {
  for (const end = Date.now() + seconds * 1000; !condition(); await sleep(50)) {
    if (Date.now() > end) {
      console.error(`gave up waiting for ${what}`);
      return;
    }
  }
}
await until(() => away.size === 0, 'everybody to be back');
for (const member of members) if (!member.connected) await member.connect();
await until(() => members.every((member) => member.unacknowledged.size === 0), 'all acknowledgements');
const heads = new Map();
for (const id of roomIds) {
  const { messages } = await (await api(`/api/rooms/${id}/messages?limit=1`)).json();
  heads.set(id, messages.at(-1)?.seq ?? 0);
}
const ledgers = members.flatMap((member) => [...member.ledgers]);
await until(() => ledgers.every(([room, ledger]) => ledger.seq >= heads.get(room)), 'the last deliveries');
for (const [room, ledger] of ledgers) ledger.finish(heads.get(room));

const total = (of) => ledgers.reduce((sum, [, ledger]) => sum + of(ledger), 0);
const sum = (of) => members.reduce((all, member) => all + of(member), 0);
const stored = [...heads.values()].reduce((all, head) => all + head, 0);
const result = {
  sent,
  acknowledged: sum((member) => member.acknowledged),
  stored,
  delivered: total((ledger) => ledger.received),
  recovered: sum((member) => member.recoveredMessages),
  drops,
  recoveries: sum((member) => member.recoveries),
  retried: sum((member) => member.duplicates),
  lost: total((ledger) => ledger.lost),
  repeated: total((ledger) => ledger.repeated),
  reordered: total((ledger) => ledger.reordered),
};
for (const [name, count] of Object.entries(result)) console.log(`${name.padEnd(13)}${count}`);
for (const member of members)
  for (const [name, count] of member.errors) console.log(`error ${name} ${count} (${member.name})`);

await Promise.all(members.map((member) => member.drop(false)));
const exit = await gateway.stop();
const right =
  result.lost + result.repeated + result.reordered === 0 &&
  stored === sent &&
  result.acknowledged === sent &&
  exit === 0;
console.log(right ? 'every member has every message once, in order' : `FAILED (the gateway ended with ${exit})`);
process.exitCode = right ? 0 : 1;
