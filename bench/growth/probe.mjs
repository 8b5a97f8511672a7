/** The same work beside whatever else a server holds: that this costs the same is the point. */
import { load, trafficOf, turns } from '../rows/work.mjs';

const ROOMS = 10;
const MEMBERS = 10;
const CONNS = ['--conns', String(ROOMS * MEMBERS), '--rooms', String(ROOMS)];

/**
 * Ten rooms of ten members, one message under way in each, so that every delivery is a write of its own; then the same people enter
 * and leave. The rooms must exist.
 * @returns CPU of a delivery, and of entering and leaving together, in µs
 */
export async function probe(server, wire, plan) {
  const traffic = trafficOf(plan);
  const talk = await load(server, wire, [
    ...['--mode', 'fanout', ...CONNS, '--window', '1', ...traffic, '--no-echo', '--pub', wire.publish],
    ...wire.login,
  ]);
  const join = await load(server, wire, ['--mode', 'turns', ...CONNS, ...traffic, ...wire.greet, ...turns(wire.join)]);
  return { delivery_us: talk.cpu_us_per_unit, join_us: join.cpu_us_per_unit };
}

export const PROBE_ROOMS = ROOMS;
