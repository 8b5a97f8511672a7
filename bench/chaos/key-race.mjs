import { setTimeout as sleep } from 'node:timers/promises';
import { Wire } from './wire.mjs';

const ROOM = 'keys';
const PEOPLE = 10;
const PATIENCE_MS = 10_000;

/** Everybody sends each message over connections to two nodes at the same moment, with one key: it is stored once. */
export async function raceKeys(world, ms) {
  await world.makeRoom(ROOM);
  const pairs = [];
  for (let n = 0; n < PEOPLE; n++) {
    const token = world.token(`twin-${n}`);
    const urls = [world.urls[n % world.urls.length], world.urls[(n + 1) % world.urls.length]];
    pairs.push(await Promise.all(urls.map((url) => Wire.open(url, token))));
  }
  const wires = pairs.flat();
  for (const wire of wires) await wire.command('join_room', { room_id: ROOM, history: 0 });
  const own = new Map(wires.map((wire) => [wire, []]));
  const seqs = new Set();
  let acknowledged = 0;
  const end = performance.now() + ms;
  for (let n = 0; performance.now() < end; n++) {
    await Promise.all(
      pairs.map(async (pair, person) => {
        const data = { room_id: ROOM, content: { key: `${person}-${n}` }, idempotency_key: `${person}-${n}` };
        const answers = await Promise.all(pair.map((wire) => sendUntilStored(wire, data)));
        const [a, b] = answers.map((answer) => answer.seq);
        if (a !== b || seqs.has(a)) world.faults.push(`${person}-${n} was stored as ${a} and as ${b}`);
        if (answers.filter(({ duplicate }) => duplicate).length !== 1) {
          world.faults.push(`${person}-${n} was new ${answers.filter(({ duplicate }) => !duplicate).length} times`);
        }
        seqs.add(a);
        acknowledged++;
        for (const [index, { duplicate, seq }] of answers.entries()) if (!duplicate) own.get(pair[index]).push(seq);
      }),
    );
  }
  // Each connection has every message once: as the reply to the one that stored it, as a push to all others.
  const received = (wire) => wire.pushes.filter(({ type }) => type === 'room_message').map(({ data }) => data.seq);
  const isWhole = (wire) => received(wire).length + own.get(wire).length >= seqs.size;
  for (const late = performance.now() + PATIENCE_MS; !wires.every(isWhole) && performance.now() < late; )
    await sleep(50);
  let [delivered, lost, repeated, reordered] = [0, 0, 0, 0];
  for (const wire of wires) {
    const pushed = received(wire);
    const all = new Set([...pushed, ...own.get(wire)]);
    delivered += all.size;
    lost += seqs.size - all.size;
    repeated += pushed.length + own.get(wire).length - all.size;
    reordered += pushed.filter((seq, n) => n > 0 && seq < pushed[n - 1]).length;
  }
  for (const wire of wires) wire.close();
  return { acknowledged, delivered, lost, repeated, reordered };
}

async function sendUntilStored(wire, data) {
  for (;;) {
    const answer = await wire.command('room_message', data);
    if (answer.type === 'room_message_sent') return answer.data;
    if (!answer.data.retryable) throw new Error(`a message was answered ${answer.data.name}`);
    await sleep(50);
  }
}
