/** Ever more rooms of the same connections, who talk in one of them. */
import { hubbub } from '../../peers/hubbub.mjs';
import { load, trafficOf, turns } from '../../rows/work.mjs';
import { enterMany, onRooms } from './rooms.mjs';

const GROUPS = 5;
const CONNS = 50;

export const memberships = {
  key: 'memberships',
  title: 'Rooms of one connection',
  x: 'rooms',
  figures: {
    delivery_us: { title: 'a delivery', unit: 'µs', grows: 'flat' },
    join_us: { title: 'entering and leaving one more', unit: 'µs', grows: 'flat' },
  },
  async *measure({ memberships: counts, ...plan }) {
    for (const x of counts) yield { x, figures: await onRooms(GROUPS, x, (server) => talk(server, x, plan)) };
  },
};

async function talk(server, each, plan) {
  const { wire } = hubbub;
  const people = ['--conns', String(CONNS), '--rooms', String(GROUPS), ...trafficOf(plan)];
  const login = enterMany(wire, each);
  const talk = await load(server, wire, [
    ...['--mode', 'fanout', ...people, '--window', '1', '--no-echo', ...login],
    ...['--pub', wire.publish.replace('r%r', 'r%r-0')],
  ]);
  // The rooms of the probe are called r0, r1, …
  const join = await load(server, wire, ['--mode', 'turns', ...people, ...login, ...turns(wire.join)]);
  return { delivery_us: talk.cpu_us_per_unit, join_us: join.cpu_us_per_unit };
}
