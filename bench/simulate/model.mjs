/**
 * What so many connections need, from what each single thing costs. Pure. Everything is a rate times a cost: there are no queues in it, which is why it
 * aims at a share of each resource that leaves them short.
 */

import { PAYLOAD_BYTES } from '../payload.mjs';

/** Settings of the gateway that matter here, as they are by default, and packets: Ethernet, IP and TCP headers of a frame that travels alone. */
export const SETTINGS = { heartbeatS: 25, repairS: 1, coalesceS: 0.1, toldPerS: 20_000, packetBytes: 66 };

/** What there is of everything. Shares are of the whole that may be used; a node is one process and has one core. */
export const CAPACITY = {
  share: 0.6,
  nodeMemoryGib: 4,
  nodeConnections: 100_000,
  nodeGbit: 1,
  busCores: 8,
  busGbit: 10,
  databaseCores: 16,
};

/** More nodes than this are no answer. */
const MOST_NODES = 100_000;
const STEP = 1.03;

/** How many nodes have at least one of `members` people who are spread over `nodes` by chance: each misses a node with probability 1 − 1/nodes. */
export const nodesReached = (members, nodes) => nodes * (1 - (1 - 1 / nodes) ** members);

/**
 * What happens in a second, everywhere together.
 * @param mix as in mixes.mjs
 */
export function ratesOf(mix, connections, nodes, settings = SETTINGS) {
  const perSession = 1 / (mix.sessionMinutes * 60);
  const rates = {
    ...{ handshakes: connections * perSession, joins: 0, ephemeral: 0, stored: 0, deliveries: 0, presence: 0 },
    ...{ published: 0, remote: 0, followed: 0, memberships: 0 },
  };
  for (const { size = connections, perConnection, storedPerMinute = 0, ephemeralPerMinute = 0 } of mix.rooms) {
    const members = Math.min(size, connections);
    const rooms = (connections * perConnection) / members;
    const messages = (rooms * (storedPerMinute + ephemeralPerMinute)) / 60;
    const reached = nodesReached(members, nodes);
    // Everybody comes once and goes once a session. What changes within `coalesce_ms`, or while a large room rests, is one
    // push, which the first change begins.
    const changes = 2 * members * perSession;
    const windowS = Math.max(settings.coalesceS, members / reached / settings.toldPerS);
    const news = rooms * (changes / (1 + changes * windowS));
    rates.stored += (rooms * storedPerMinute) / 60;
    rates.ephemeral += (rooms * ephemeralPerMinute) / 60;
    rates.deliveries += messages * (members - 1);
    rates.presence += news * (members - 1);
    // The sender's node has it already.
    rates.remote += (messages + news) * (reached - 1);
    rates.published += nodes > 1 ? messages + news : 0;
    rates.joins += rooms * members * perSession;
    rates.memberships += rooms * members;
    rates.followed += rooms * reached;
  }
  return rates;
}

/** @returns what is used: of one node, and of bus and database, in cores, GiB and Gbit/s */
export function usageOf(mix, connections, nodes, units, settings = SETTINGS) {
  const rates = ratesOf(mix, connections, nodes, settings);
  const { node, bus, database } = units;
  const isCluster = nodes > 1;
  const own = connections / nodes;
  const watches = isCluster ? 1 / settings.repairS : 0;
  const cpu = {
    deliveries: rates.deliveries * node.delivery,
    presence: rates.presence * node.delivery,
    messages: rates.ephemeral * node.ephemeral + rates.stored * node.stored,
    fromOthers: rates.remote * node.remote,
    joins: rates.joins * node.join,
    handshakes: rates.handshakes * node.handshake,
    heartbeats: (connections / settings.heartbeatS) * node.heartbeat,
    watching: (connections * node.userSecond + rates.followed * node.roomSecond) * watches,
    idle: nodes * (node.idleSecond + (nodes - 1) * node.peerSecond),
  };
  const total = Object.values(cpu).reduce((sum, each) => sum + each, 0);
  const grown = mix.payloadBytes - PAYLOAD_BYTES;
  const pushBytes = node.pushBytes + grown + settings.packetBytes;
  // The costs of a room were measured with two members; each more is taken to cost half of it.
  const furtherMembers = Math.max(0, rates.memberships - 2 * rates.followed);
  const roomsKb = (rates.followed + furtherMembers / 2) * node.roomKb;
  const gbit = (bytes) => (bytes * 8) / 1e9;
  return {
    rates,
    cpu: Object.fromEntries(Object.entries(cpu).map(([name, us]) => [name, us / total])),
    node: {
      cores: total / nodes / 1e6,
      memoryGib: (node.baseKb + own * node.connectionKb + roomsKb / nodes) / 2 ** 20,
      connections: own,
      gbit: gbit(((rates.deliveries + rates.presence) * pushBytes) / nodes),
    },
    bus: {
      cores: isCluster ? (rates.published * bus.publish + rates.remote * bus.delivery) / 1e6 : 0,
      memoryGib: isCluster ? (connections * bus.userKb + rates.followed * bus.roomKb) / 2 ** 20 : 0,
      gbit: isCluster
        ? gbit(rates.published * (bus.publishBytes + grown) + rates.remote * (bus.deliveryBytes + grown))
        : 0,
      messages: rates.published,
      subscriptions: isCluster ? rates.followed + connections : 0,
    },
    database: {
      cores:
        (database.idleSecond +
          nodes * database.nodeSecond +
          rates.stored * database.append +
          (connections * database.userSecond + rates.followed * database.roomSecond) * watches) /
        1e6,
      appends: rates.stored,
      gibADay: (rates.stored * (database.messageBytes + grown) * 86_400 * mix.busyShare) / 2 ** 30,
    },
  };
}

/** Shares of what may be used: 1 is all of it. `more`: what more nodes help against. */
export function sharesOf({ node, bus, database }, capacity) {
  const { share } = capacity;
  return {
    more: {
      'CPU of the nodes': node.cores / share,
      'memory of the nodes': node.memoryGib / capacity.nodeMemoryGib,
      'connections of a node': node.connections / capacity.nodeConnections,
      'network of the nodes': node.gbit / (capacity.nodeGbit * share),
    },
    shared: {
      'CPU of the bus': bus.cores / (capacity.busCores * share),
      'network of the bus': bus.gbit / (capacity.busGbit * share),
      'CPU of the database': database.cores / (capacity.databaseCores * share),
    },
  };
}

const largest = (shares) => Object.entries(shares).reduce((most, each) => (each[1] > most[1] ? each : most));

/**
 * The fewest nodes on which nothing that nodes have is used beyond its share.
 * @returns `nodes`, or null where no number of them is enough, and then the rest for the number that comes closest, which is `closest`; `usage`; `fullest` of what
 *   nodes have, `sharedFullest` of what there is once: name and share
 */
export function plan(mix, connections, units, { capacity = CAPACITY, settings = SETTINGS } = {}) {
  const at = (nodes) => {
    const usage = usageOf(mix, connections, nodes, units, settings);
    const { more, shared } = sharesOf(usage, capacity);
    return { nodes, usage, fullest: largest(more), sharedFullest: largest(shared) };
  };
  const fits = ({ fullest }) => fullest[1] <= 1;
  let [tooFew, closest] = [0, null];
  // In small steps: what nodes do for each other grows with their number, so that twice as many may be too many again.
  for (let nodes = 1; nodes <= MOST_NODES; nodes = Math.ceil(nodes * STEP)) {
    const found = at(nodes);
    if (fits(found)) return at(fewest(tooFew, nodes, (between) => fits(at(between))));
    if (closest === null || found.fullest[1] < closest.fullest[1]) closest = found;
    tooFew = nodes;
  }
  return { ...closest, nodes: null, closest: closest.nodes };
}

function fewest(tooFew, enough, isEnough) {
  let [few, most] = [tooFew, enough];
  while (most - few > 1) {
    const middle = Math.floor((few + most) / 2);
    if (isEnough(middle)) most = middle;
    else few = middle;
  }
  return most;
}

/** Which of the shared servers is full first, and with how many connections; null where none ever is. */
export function sharedLimit(mix, units, options = {}) {
  const fullest = (connections) => plan(mix, connections, units, options).sharedFullest;
  const [LEAST, MOST] = [100, 1e10];
  if (fullest(MOST)[1] <= 1) return null;
  let [fine, full] = [LEAST, MOST];
  while (full / fine > 1.01) {
    const middle = Math.sqrt(fine * full);
    if (fullest(middle)[1] > 1) full = middle;
    else fine = middle;
  }
  return { name: fullest(full)[0], connections: fine };
}
