/** A request, its answer, the next: through guards and validation, and through everything that a join does. */
import { figuresOf, load, onFreshServer, trafficOf, turns } from './work.mjs';

const FIGURES = ['cpu_us', 'per_s', 'p50_ms', 'p99_ms', 'bytes'];

async function measure(peer, plan, { rooms, conns, wire }) {
  return onFreshServer(peer, async (server) => {
    await server.makeRooms?.(rooms);
    return figuresOf(
      await load(server, wire, [
        ...['--mode', 'turns', '--conns', String(conns), '--rooms', String(Math.max(1, rooms)), ...trafficOf(plan)],
        ...[...wire.login, ...turns(wire.pairs)],
      ]),
    );
  });
}

export const turnRows = [
  {
    key: 'E',
    title: 'ping → pong through guards and validation',
    unit: 'ping-pong',
    figures: FIGURES,
    suits: ({ wire }) => wire.ping !== undefined,
    measure(peer, plan) {
      const { ping, options, greet, pingOptions = options, pingLogin = greet } = peer.wire;
      return measure(peer, plan, {
        rooms: 0,
        conns: 100,
        wire: { options: pingOptions, login: pingLogin, pairs: ping },
      });
    },
  },
  {
    key: 'J',
    title: 'join and leave, 1000 connections in 100 rooms',
    unit: 'join and leave',
    figures: FIGURES,
    suits: ({ wire }) => wire.join !== undefined,
    measure(peer, plan) {
      const { join, options, greet } = peer.wire;
      return measure(peer, plan, { rooms: 100, conns: 1000, wire: { options, login: greet, pairs: join } });
    },
  },
];
