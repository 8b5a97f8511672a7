/** Servers of a run alone, with the durability that they have by default: those of tests do without it. */
import { existsSync, readFileSync } from 'node:fs';
import { mariadb } from '../scripts/services/mariadb.mjs';
import { nats } from '../scripts/services/nats.mjs';
import { postgres } from '../scripts/services/postgres.mjs';
import { redis } from '../scripts/services/redis.mjs';
import { startServer } from '../scripts/services/start.mjs';

const SERVICES = { mariadb, nats, postgres, redis };
const WITHOUT_SYNC = ['-F', '--innodb-flush-log-at-trx-commit=0'];
/** Of the clock by which Linux counts the time of processes. */
const TICKS_PER_S = 100;

/** @returns as `startServer` of scripts/services @throws where it is not installed */
export async function startDurable(name) {
  const service = SERVICES[name];
  const start = (tools) =>
    service.start({
      ...tools,
      spawn: (program, args) =>
        tools.spawn(
          program,
          args.filter((arg) => !WITHOUT_SYNC.includes(arg)),
        ),
    });
  const server = await startServer({ ...service, start });
  if (server === null) throw new Error(`${service.program} is not installed`);
  return server;
}

/** CPU time of a process and its children, user and system, in s; NaN where the system does not tell. */
export function cpuOf(pid) {
  const children = `/proc/${pid}/task/${pid}/children`;
  if (!existsSync(children)) return Number.NaN;
  const pids = readFileSync(children, 'utf8').split(' ').filter(Boolean);
  return [pid, ...pids].reduce((sum, each) => sum + ticksOf(each), 0) / TICKS_PER_S;
}

function ticksOf(pid) {
  try {
    // After the name, which may hold spaces: utime and stime, and those of children that have ended.
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1).split(' ');
    return fields.slice(11, 15).reduce((sum, ticks) => sum + Number(ticks), 0);
  } catch {
    return 0;
  }
}

/** The value below which a share of them lies. @param sorted from small to large */
export const quantile = (sorted, share) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
