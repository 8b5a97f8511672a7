/** What the model found, in words and cells. Pure. */
import { format } from '../table.mjs';

const percent = (share) => `${Math.round(share * 100)} %`;
const named = ([name, share]) => `${name}, ${percent(share)}`;
const people = (count) => `${format(Number(count.toPrecision(2)))} connections`;

/** What is told of a plan, line by line. */
const LINES = {
  nodes: ({ nodes, closest }) => (nodes ?? `no number is enough; ${format(closest)} come closest`).toLocaleString('en'),
  'what the number of nodes comes from': ({ fullest }) => named(fullest),
  'CPU of a node': ({ usage }) => `${percent(usage.node.cores)} of a core`,
  'most of it': ({ usage }) =>
    Object.entries(usage.cpu)
      .toSorted(([, a], [, b]) => b - a)
      .slice(0, 2)
      .map(([name, share]) => `${CPU_OF[name]} ${percent(share)}`)
      .join(', '),
  'memory of a node': ({ usage }) => `${format(usage.node.memoryGib)} GiB`,
  'out of a node': ({ usage }) => `${format(usage.node.gbit)} Gbit/s`,
  'deliveries a second': ({ usage }) => format(usage.rates.deliveries + usage.rates.presence),
  'bus, messages a second': ({ usage }) => format(usage.bus.messages),
  'bus, CPU': ({ usage }) => `${format(usage.bus.cores)} cores`,
  'bus, bytes': ({ usage }) => `${format(usage.bus.gbit)} Gbit/s`,
  'bus, rooms and users followed': ({ usage }) => format(usage.bus.subscriptions),
  'database, appends a second': ({ usage }) => format(usage.database.appends),
  'database, CPU': ({ usage }) => `${format(usage.database.cores)} cores`,
  'database, growth a day': ({ usage }) => `${format(usage.database.gibADay)} GiB`,
  'first shared server that is full': ({ sharedLimit }) =>
    sharedLimit === null ? 'none' : `${sharedLimit.name}, from ${people(sharedLimit.connections)} on`,
};

const CPU_OF = {
  deliveries: 'deliveries',
  presence: 'presence',
  messages: 'messages of its own',
  fromOthers: 'messages of other nodes',
  joins: 'joins',
  handshakes: 'handshakes',
  heartbeats: 'heartbeats',
  watching: 'looking into the database',
  idle: 'what it does anyway',
};

/** One column a plan. */
export const planCells = (plans) => [
  ['', ...plans.map(({ name }) => name)],
  ...Object.entries(LINES).map(([title, tell]) => [title, ...plans.map(tell)]),
];

export const TERMS = `A node is one process. "Full" is the share of it that may be used. Costs are those of things that come one by one, the dearest case; --joined has the cheapest.`;
