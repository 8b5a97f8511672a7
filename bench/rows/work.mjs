/** What rows have in common: a fresh server for each measurement, and figures by one set of names. */
import { runLoad } from '../load.mjs';
import { PAYLOAD_BYTES } from '../payload.mjs';

/**
 * Starts `peer`, lets `work` measure it, stops it.
 * @param options of the peer's `start`
 */
export async function onFreshServer(peer, work, options) {
  const starting = peer.start(options);
  running.add(starting);
  try {
    return await work(await starting);
  } finally {
    await stop(starting);
  }
}

/** The servers that are measured or on their way. */
const running = new Set();

async function stop(starting) {
  if (!running.delete(starting)) return;
  const server = await starting.catch(() => null);
  await server?.stop();
}

/** For when the run is interrupted: nothing is left behind. */
export const stopRunning = () => Promise.all([...running].map(stop));

/** Options of the load generator for traffic of these times, in s. */
export const trafficOf = ({ warmup, secs }) => [
  ...['--size', String(PAYLOAD_BYTES), '--warmup', String(warmup), '--secs', String(secs)],
];

export const load = (server, wire, args, values, onPhase) =>
  runLoad(server, [...wire.options, ...args], values, onPhase);

/** The figures of a run, and how much of a core the load and strangers had: what says whether to believe them. */
export const figuresOf = (result, latency = result.lat_us) => ({
  cpu_us: result.cpu_us_per_unit,
  per_s: result.units_per_s,
  p50_ms: latency.p50 / 1000,
  p99_ms: latency.p99 / 1000,
  bytes: result.bytes_per_unit,
  server_pct: result.server_cpu_pct,
  load_pct: result.load_cpu_pct,
  others_pct: strangers(result),
  stolen_pct: result.steal_pct,
});

/** From this share of a core on, taken by the host of this machine, times are not those of the server. */
const STOLEN_PCT = 1;
const ATTEMPTS = 6;

/**
 * For rows whose figures are times: a host that gives a machine less than its cores stops one of them for a tenth of a second at
 * once, and then the slowest one in a hundred is the host, whatever the server. Measures again where that happened; the run that was
 * disturbed least counts.
 * @param measure gives figures as of `figuresOf`
 */
export async function undisturbed(measure) {
  let best = await measure();
  for (let attempt = 2; attempt <= ATTEMPTS && best.stolen_pct > STOLEN_PCT; attempt++) {
    const figures = await measure();
    if (figures.stolen_pct < best.stolen_pct) best = figures;
  }
  return best;
}

/** Share of both cores that neither the server nor the load used, in per cent of one core. Also for what was stolen from this machine by its host. */
function strangers(result) {
  const server = Math.max(0, result.server_core_busy_pct - result.server_cpu_pct);
  return server + Math.max(0, result.load_core_busy_pct - result.load_cpu_pct) + result.steal_pct;
}

/** Requests and answers of a wire as options of the load generator. */
export const turns = (pairs) => pairs.flatMap(([send, expect]) => ['--turn-send', send, '--turn-expect', expect]);
