/**
 * What is measured. A row is one kind of work; `measure` does it once against fresh servers and returns its figures,
 * of which smaller is better but for `deliveries_per_s`.
 */
import { runLoad } from './load.mjs';

const PAYLOAD_BYTES = 128;

/**
 * @param options `warmup`, `secs`: of traffic. `idle`: two numbers of connections. `hold`: seconds before memory is read
 */
export function makeRows({ warmup, secs, idle, hold }) {
  const traffic = ['--size', String(PAYLOAD_BYTES), '--warmup', String(warmup), '--secs', String(secs)];

  const fanout = (key, title, { rooms, conns, load }) => ({
    key,
    title,
    figures: ['us_per_delivery', 'deliveries_per_s', 'p50_ms', 'p99_ms'],
    async measure(peer) {
      const result = await onFreshServer(peer, rooms, (server) =>
        runLoad(server, [
          ...['--mode', 'fanout', '--conns', String(conns), '--rooms', String(rooms), ...load, ...traffic],
          ...['--no-echo', '--marker', '"t":', '--tkey', '"t":', '--pub', peer.wire.publish, ...peer.wire.login],
        ]),
      );
      return {
        us_per_delivery: result.server_cpu_us_per_delivery,
        deliveries_per_s: result.deliveries_per_s,
        p50_ms: result.lat_us.p50 / 1000,
        p99_ms: result.lat_us.p99 / 1000,
      };
    },
  });

  return [
    fanout('A1', '1 room × 1000 members, 50 messages/s', {
      rooms: 1,
      conns: 1000,
      load: ['--pubs', '1', '--rate', '50'],
    }),
    fanout('A2', '1 room × 1000 members, 8 messages in flight', {
      rooms: 1,
      conns: 1000,
      load: ['--pubs', '1', '--window', '8'],
    }),
    fanout('B', '100 rooms × 10 members, 8 in flight each', {
      rooms: 100,
      conns: 1000,
      load: ['--pubs', '1', '--window', '8'],
    }),
    fanout('C', '10 rooms × 100 members, bursts of 10', {
      rooms: 10,
      conns: 1000,
      load: ['--pubs', '10', '--burst', '--window', '1'],
    }),
    {
      key: 'E',
      title: 'ping → pong, 100 connections',
      figures: ['us_per_pingpong', 'pingpongs_per_s', 'p50_ms', 'p99_ms'],
      async measure(peer) {
        const result = await onFreshServer(peer, 0, (server) =>
          runLoad(server, [
            ...['--mode', 'echo', '--conns', '100', ...traffic, '--marker', '"pong"', '--pub', peer.wire.ping],
            ...peer.wire.connected,
          ]),
        );
        return {
          us_per_pingpong: result.server_cpu_us_per_delivery,
          pingpongs_per_s: result.deliveries_per_s,
          p50_ms: result.lat_us.p50 / 1000,
          p99_ms: result.lat_us.p99 / 1000,
        };
      },
    },
    {
      key: 'D',
      title: `idle connection, slope from ${idle[0]} to ${idle[1]}`,
      figures: ['kb_per_connection', 'us_per_handshake'],
      async measure(peer) {
        const memory = [];
        let handshake = 0;
        for (const conns of idle) {
          const result = await onFreshServer(peer, 0, (server) =>
            runLoad(server, [
              ...['--mode', 'idle', '--conns', String(conns), '--hold', String(hold), '--gc-signal', '12'],
              ...peer.wire.connected,
            ]),
          );
          memory.push(result.rss_kb.after_gc);
          handshake = result.connect_cpu_us;
        }
        return { kb_per_connection: (memory[1] - memory[0]) / (idle[1] - idle[0]), us_per_handshake: handshake };
      },
    },
  ];
}

async function onFreshServer(peer, rooms, work) {
  const server = await peer.start();
  try {
    if (rooms > 0) await server.makeRooms(rooms);
    return await work(server);
  } finally {
    await server.stop();
  }
}
