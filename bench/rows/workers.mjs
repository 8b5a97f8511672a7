/** What sharing a port among processes brings, and what it costs. */
import { hasServerCores } from '../cores.mjs';
import { measureFanout } from './fanout.mjs';

const WORK = { rooms: 100, conns: 1000, traffic: ['--window', '8'] };

const row = (workers, title) => ({
  key: `W${workers}`,
  title,
  unit: 'delivery',
  figures: ['cpu_us', 'per_s', 'p50_ms', 'p99_ms', 'bytes'],
  suits: ({ name }) => name === 'Hubbub',
  note: hasServerCores(2) ? undefined : 'no core for a second worker here: what counts is CPU, not how many a second',
  measure: (peer, plan) =>
    measureFanout(peer, WORK, plan, { cores: 2, env: { HUBBUB_SERVER_WORKERS: String(workers) } }),
});

export const workerRows = [
  row(1, '100 rooms × 10 members by one worker'),
  row(2, '100 rooms × 10 members by two workers'),
];
