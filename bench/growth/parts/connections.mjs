/** Ever more connections that say nothing: what they take, and whether others notice them. */
import { hubbub } from '../../peers/hubbub.mjs';
import { onFreshServer } from '../../rows/work.mjs';
import { beside } from '../crowd.mjs';
import { filesFor } from '../files.mjs';
import { PROBE_ROOMS, probe } from '../probe.mjs';
import { memoryOf, sharesDuring } from '../processes.mjs';

/** More often than anybody would, so that there is something to be measured. */
const HEARTBEAT_S = 2;
const OFTEN = { env: { HUBBUB_HEARTBEAT_INTERVAL_MS: String(HEARTBEAT_S * 1000) } };
const PROBE_CONNECTIONS = 100;

export const connections = {
  key: 'connections',
  title: 'Idle connections',
  x: 'connections',
  heartbeatS: HEARTBEAT_S,
  figures: {
    kb: { title: 'memory of a gateway', unit: 'kB', grows: 'linear' },
    idle_ms: { title: `CPU a second, each with a heartbeat in ${HEARTBEAT_S} s`, unit: 'ms', grows: 'linear' },
    delivery_us: { title: 'a delivery to others', unit: 'µs', grows: 'flat' },
    join_us: { title: 'others entering and leaving', unit: 'µs', grows: 'flat' },
  },
  async *measure({ connections: counts, ...plan }) {
    for (const x of counts)
      yield {
        x,
        ...(await filesFor(x + PROBE_CONNECTIONS, async () => ({
          ...(await onFreshServer(hubbub, (server) => hold(server, x, plan), OFTEN)),
          ...(await onFreshServer(hubbub, (server) => disturb(server, x, plan))),
        }))),
      };
  },
};

function hold({ pids, ...server }, count, plan) {
  return beside({ pids, ...server }, hubbub.wire, { count, login: hubbub.wire.greet }, async () => {
    const kb = await memoryOf(pids);
    const { server: share } = await sharesDuring(plan.idleSecs, { server: pids[0] });
    return { kb, idle_ms: share * 1000 };
  });
}

/** With heartbeats as they are by default: they are the only thing that is done meanwhile for the others. */
async function disturb(server, count, plan) {
  await server.makeRooms(PROBE_ROOMS);
  const crowd = { count, login: hubbub.wire.greet };
  return beside(server, hubbub.wire, crowd, () => probe(server, hubbub.wire, plan));
}
