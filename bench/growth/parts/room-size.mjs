/** One room, ever more members: one message at a time, so that nothing can be joined into one write; then people who come and go. */
import { setTimeout as sleep } from 'node:timers/promises';
import { cpuOf } from '../../own-servers.mjs';
import { hubbub } from '../../peers/hubbub.mjs';
import { load, onFreshServer, trafficOf, turns } from '../../rows/work.mjs';
import { beside } from '../crowd.mjs';
import { filesFor } from '../files.mjs';

const VISITORS = 20;
/** Presence of a large room is told for some time after the last one came. */
const CALM_S = 1;
/** Who comes is told to everybody: where messages are measured, not at all. */
const IN_SILENCE = { env: { HUBBUB_PRESENCE_COALESCE_MS: '3600000' } };
const MOST_VISITED = 10_000;

export const roomSize = {
  key: 'room-size',
  title: 'Members of a room',
  x: 'members',
  figures: {
    message_us: { title: 'a message to all of them', unit: 'µs', grows: 'linear' },
    delivery_us: { title: 'a delivery', unit: 'µs', grows: 'flat' },
    enter_us: { title: 'coming in, of all of them, one after the other', unit: 'µs', grows: 'flat' },
    join_us: { title: 'entering and leaving, of 20 more', unit: 'µs', grows: 'flat' },
  },
  async *measure({ members, ...plan }) {
    for (const x of members)
      yield {
        x,
        ...(await filesFor(x + VISITORS, async () => ({
          ...(await onFreshServer(hubbub, (server) => talk(server, x, plan), IN_SILENCE)),
          ...(x <= MOST_VISITED && (await onFreshServer(hubbub, (server) => visit(server, x, plan)))),
        }))),
      };
  },
};

async function talk(server, members, plan) {
  const { wire } = hubbub;
  await server.makeRooms(1);
  const { cpu_us_per_unit: delivery_us } = await load(server, wire, [
    ...['--mode', 'fanout', '--conns', String(members), '--window', '1', '--no-echo', '--settle', String(CALM_S)],
    ...[...trafficOf(plan), '--pub', wire.publish, ...wire.login],
  ]);
  return { message_us: delivery_us * (members - 1), delivery_us };
}

async function visit(server, members, plan) {
  const { wire } = hubbub;
  const [pid] = server.pids;
  await server.makeRooms(1);
  const before = cpuOf(pid);
  return beside(server, wire, { count: members, login: wire.login }, async () => {
    const enter_us = ((cpuOf(pid) - before) * 1e6) / members;
    await sleep(CALM_S * 1000);
    const result = await load(server, wire, [
      ...['--mode', 'turns', '--conns', String(VISITORS), ...trafficOf(plan), ...wire.greet, ...turns(wire.join)],
    ]);
    return { enter_us, join_us: result.cpu_us_per_unit };
  });
}
