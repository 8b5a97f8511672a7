/**
 * Ever more gateways, of which about two in three have members: stored messages of one sender, and what each costs his node, the others that have members,
 * those that have none, the database and the bus. Then other traffic, for docs/scaling.md to compare with what the model says of it.
 */
import { hubbub } from '../../peers/hubbub.mjs';
import { load, trafficOf } from '../../rows/work.mjs';
import { onCluster } from '../cluster.mjs';
import { roomStatements } from '../fill-rooms.mjs';
import { sharesBetween, usageOf } from '../processes.mjs';
import { execute } from '../sql.mjs';

const MEMBERS_A_NODE = 10;
const RATE = 400;
/** All nodes have members of all rooms, and senders of some. A number of rooms that shares no factor with that of nodes spreads them so. */
const CHECK = { rooms: 5, members: 40, messagesPerS: 300 };
/** After the last one came. */
const CALM_S = 2;

export const nodes = {
  key: 'nodes',
  title: 'Nodes of a cluster',
  x: 'nodes',
  traffic: CHECK,
  figures: {
    sender_us: { title: "a stored message at its sender's node, with 9 deliveries", unit: 'µs', grows: 'flat' },
    member_us: { title: 'at another with 10 members', unit: 'µs', grows: 'flat' },
    without_us: { title: 'at one without members', unit: 'µs', grows: 'flat' },
    database_us: { title: 'at Postgres', unit: 'µs', grows: 'flat' },
    bus_us: { title: 'at NATS', unit: 'µs', grows: 'linear' },
    idle_ms: { title: 'an idle node, CPU a second', unit: 'ms', grows: 'linear' },
  },
  async *measure({ nodes: counts, ...plan }) {
    for (const x of counts) yield { x, figures: await onCluster(x, (cluster) => measure(cluster, x, plan)) };
  },
};

async function measure(cluster, count, plan) {
  execute(cluster.database, roomStatements(`SELECT 'r' || n FROM generate_series(0, ${CHECK.rooms - 1}) AS n`));
  const withMembers = Math.ceil((count * 2) / 3);
  // Code that has not run for a while yet costs several times as much.
  await talk(cluster, plan, { hosts: count, ...CHECK, inFlight: 4 });
  const one = await talk(cluster, plan, {
    ...{ hosts: withMembers, rooms: 1, members: MEMBERS_A_NODE * withMembers, messagesPerS: RATE },
    idleSecs: plan.idleSecs,
  });
  const all = await talk(cluster, plan, { hosts: count, ...CHECK });
  const nodesOf = (from, to, shares) =>
    meanOf(Array.from({ length: Math.max(0, to - from) }, (_, n) => shares[`node-${from + n}`]));
  const perMessage = (share) => (share === null ? null : (share * 1e6) / one.messagesPerS);
  return {
    withMembers,
    sender_us: perMessage(one.shares['node-0']),
    member_us: perMessage(nodesOf(1, withMembers, one.shares)),
    without_us: perMessage(nodesOf(withMembers, count, one.shares)),
    database_us: perMessage(one.shares.database),
    bus_us: perMessage(one.shares.bus),
    bus_bytes: one.busBytesPerS / one.messagesPerS,
    idle_ms: nodesOf(0, count, one.idle) * 1000,
    idle_database_ms: one.idle.database * 1000,
    check: {
      messagesPerS: all.messagesPerS,
      node: nodesOf(0, count, all.busy),
      database: all.busy.database,
      bus: all.busy.bus,
    },
  };
}

/** @returns CPU as shares of a core: `busy`, `idle`, and `shares`, what of it messages took; by name of the process */
async function talk({ address, pids }, plan, { hosts, rooms, members, messagesPerS, inFlight = null, idleSecs = 0 }) {
  const { wire } = hubbub;
  const at = {};
  const server = { address, pids: Object.values(pids) };
  const { publish, ack } = wire.stored;
  const result = await load(
    server,
    wire,
    [
      ...['--mode', 'fanout', '--conns', String(rooms * members), '--rooms', String(rooms), '--hosts', String(hosts)],
      ...(inFlight ? ['--window', String(inFlight)] : ['--rate', String(messagesPerS / rooms)]),
      ...['--settle', String(CALM_S + idleSecs)],
      ...[...trafficOf({ ...plan, secs: plan.clusterSecs }), '--no-echo', '--pub', publish, '--ack', ack],
      ...wire.login,
    ],
    [],
    (phase) => {
      at[phase] = usageOf(pids);
      if (phase === 'connected') setTimeout(() => (at.calm = usageOf(pids)), CALM_S * 1000);
    },
  );
  const idle = sharesBetween(idleSecs > 0 ? at.calm : at.connected, at.traffic);
  const busy = sharesBetween(at.measuring, at.measured);
  const shares = Object.fromEntries(Object.keys(busy).map((name) => [name, busy[name] - idle[name]]));
  const busBytesPerS = (at.measured.bytes.bus - at.measuring.bytes.bus) / (at.measured.at - at.measuring.at);
  return { idle, busy, shares, busBytesPerS, messagesPerS: result.publishes_per_s };
}

const meanOf = (values) => (values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length);
