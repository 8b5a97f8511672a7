/** One message, many members: nothing is stored, nobody hears himself where the peer can tell. */
import { figuresOf, load, onFreshServer, trafficOf, undisturbed } from './work.mjs';

/** Many members take their time to come in. */
const MAX_S = '300';

/** @param traffic options of the load generator: who sends how much */
export const fanout = (key, title, { rooms, conns, traffic }) => ({
  key,
  title,
  unit: 'delivery',
  figures: ['cpu_us', 'per_s', 'p50_ms', 'p99_ms', 'bytes'],
  connections: () => conns,
  suits: ({ wire }) => wire.publish !== undefined,
  measure(peer, plan) {
    const measure = () => measureFanout(peer, { rooms, conns, traffic }, plan);
    return traffic.includes('--rate') ? undisturbed(measure) : measure();
  },
});

/** @param options of the peer's `start` */
export async function measureFanout(peer, { rooms, conns, traffic }, plan, options) {
  const { wire } = peer;
  return onFreshServer(
    peer,
    async (server) => {
      await server.makeRooms?.(rooms);
      const result = await load(server, wire, [
        ...['--mode', 'fanout', '--conns', String(conns), '--rooms', String(rooms), ...traffic, ...trafficOf(plan)],
        ...['--max-time', MAX_S],
        ...(wire.hearsItself ? [] : ['--no-echo']),
        ...['--pub', wire.publish, ...wire.login],
      ]);
      return figuresOf(result);
    },
    options,
  );
}

export const fanoutRows = [
  fanout('A1', '1 room × 1000 members, 50 messages/s', { rooms: 1, conns: 1000, traffic: ['--rate', '50'] }),
  fanout('A2', '1 room × 1000 members, 8 in flight', { rooms: 1, conns: 1000, traffic: ['--window', '8'] }),
  fanout('A3', '1 room × 1000 members, 200 messages/s of 20 senders', {
    rooms: 1,
    conns: 1000,
    traffic: ['--pubs', '20', '--rate', '10'],
  }),
  fanout('B', '100 rooms × 10 members, 8 in flight in each', { rooms: 100, conns: 1000, traffic: ['--window', '8'] }),
  fanout('C', '10 rooms × 100 members, bursts of 10', {
    ...{ rooms: 10, conns: 1000 },
    traffic: ['--pubs', '10', '--burst', '--window', '1'],
  }),
  fanout('F', '1 room × 10,000 members, 2 in flight', { rooms: 1, conns: 10_000, traffic: ['--window', '2'] }),
];
