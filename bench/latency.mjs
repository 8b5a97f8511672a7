/**
 * `node bench/latency.mjs`: what joining writes costs in time. 100 rooms of 10 members are offered 10, 50 and 90 % of what the
 * gateway was just seen to take, once as it is and once with `limits.flush_ms` 0, on the same load.
 */
import { buildIfStale } from '../scripts/build.mjs';
import { compileLoad } from './load.mjs';
import { hubbub } from './peers/hubbub.mjs';
import { figuresOf, load, onFreshServer, trafficOf } from './rows/work.mjs';
import { format } from './table.mjs';

const [ROOMS, CONNECTIONS] = [100, 1000];
/** Members but the sender. */
const AUDIENCE = CONNECTIONS / ROOMS - 1;
const SHARES = [0.1, 0.5, 0.9];
const FLUSH_MS = [10, 0];
/** In s; the first load warms the server up. */
const FASTEST = { warmup: 4, secs: 3 };
const OFFERED = { warmup: 1, secs: 4 };

compileLoad();
if (!(await buildIfStale())) throw new Error('the build failed');
console.log(`${'flush_ms'.padEnd(10)}offered/s   of it   p50 ms   p99 ms   CPU µs a delivery   server %`);
/** Deliveries a second that the first gateway takes; what both are offered. */
let capacity;
for (const flushMs of FLUSH_MS)
  await onFreshServer(
    hubbub,
    async (server) => {
      await server.makeRooms(ROOMS);
      const fastest = await deliver(server, ['--window', '8'], FASTEST);
      capacity ??= fastest.per_s;
      print(flushMs, 'as fast as it goes', fastest);
      for (const share of SHARES) {
        const rate = (share * capacity) / AUDIENCE / ROOMS;
        await deliver(server, ['--rate', rate.toFixed(3)], OFFERED).then(
          (figures) => print(flushMs, `${share * 100} %`, figures),
          ({ message }) => console.log(`${String(flushMs).padEnd(10)}${share * 100} %: ${message}`),
        );
      }
    },
    { env: { HUBBUB_LIMITS_FLUSH_MS: String(flushMs) } },
  );

/** @param traffic options of the load generator: who sends how much */
async function deliver(server, traffic, times) {
  const shape = ['--mode', 'fanout', '--conns', String(CONNECTIONS), '--rooms', String(ROOMS), '--no-echo'];
  const { publish, login } = hubbub.wire;
  return figuresOf(
    await load(server, hubbub.wire, [...shape, ...traffic, ...trafficOf(times), '--pub', publish, ...login]),
  );
}

function print(flushMs, share, { per_s: perS, p50_ms: p50, p99_ms: p99, cpu_us: cpu, server_pct: busy }) {
  const cells = [format(perS).padStart(9), share.padStart(18), format(p50).padStart(8), format(p99).padStart(8)];
  console.log(`${String(flushMs).padEnd(10)}${cells.join('  ')}  ${format(cpu).padStart(8)}  ${Math.round(busy)}`);
}
