import { setTimeout as sleep } from 'node:timers/promises';
import { Wire } from './wire.mjs';

const ROUNDS = 20;
const SEATS = 50;
const PEOPLE = 200;

/** Everybody wants into a small room at the same moment, at every node: as many are in as it has seats. */
export async function raceSeats(world) {
  const people = [];
  for (let n = 0; n < PEOPLE; n++) {
    const url = world.urls[n % world.urls.length];
    people.push(await Wire.open(url, world.token(`runner-${n}`, ['join:room', 'leave:room', 'read:message'])));
  }
  let joined = 0;
  let longestMs = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const room = `small-${round}`;
    await world.makeRoom(room, SEATS);
    const started = performance.now();
    const outcomes = await Promise.all(people.map((person) => join(person, room)));
    longestMs = Math.max(longestMs, performance.now() - started);
    const count = (name) => outcomes.filter((outcome) => outcome === name).length;
    joined += count('joined');
    if (count('joined') !== SEATS || count('RoomFull') !== PEOPLE - SEATS) {
      world.faults.push(`${room}: ${count('joined')} are in, ${count('RoomFull')} were told that it is full`);
    }
    const { member_count } = await (await world.api(`/api/rooms/${room}/members`)).json();
    if (member_count !== SEATS) world.faults.push(`${room}: it has ${member_count} members`);
    // A seat that is given up is there for another, at any node.
    const inside = people.findIndex((_, n) => outcomes[n] === 'joined');
    const outside = people.findLastIndex((_, n) => outcomes[n] === 'RoomFull');
    await people[inside].command('leave_room', { room_id: room });
    if ((await join(people[outside], room)) !== 'joined') world.faults.push(`${room}: a free seat was refused`);
  }
  for (const person of people) person.close();
  return { acknowledged: joined, delivered: joined, lost: 0, repeated: 0, reordered: 0, longestSilenceMs: longestMs };
}

/** Asks again while the answer is one that may pass by itself; RoomFull is what it is about. */
async function join(person, room) {
  for (;;) {
    const { type, data } = await person.command('join_room', { room_id: room, history: 0 });
    if (type === 'room_joined') return 'joined';
    if (data.name === 'RoomFull' || !data.retryable) return data.name;
    await sleep(50);
  }
}
