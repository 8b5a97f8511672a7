/** What a cluster does although nobody says anything: nodes ask the database how far the rooms and users are that they have connections of. */
import { setTimeout as sleep } from 'node:timers/promises';
import { hubbub } from '../../peers/hubbub.mjs';
import { onCluster } from '../cluster.mjs';
import { beside } from '../crowd.mjs';
import { filesFor } from '../files.mjs';
import { roomStatements } from '../fill-rooms.mjs';
import { residentKb, sharesDuring } from '../processes.mjs';
import { execute } from '../sql.mjs';
import { enterMany } from './rooms.mjs';

const PEOPLE = 100;
const CALM_S = 3;
const FIGURES = {
  node_ms: { title: 'CPU a second of their node', unit: 'ms', grows: 'linear' },
  other_ms: { title: 'of the other node', unit: 'ms', grows: 'flat' },
  database_ms: { title: 'of Postgres', unit: 'ms', grows: 'linear' },
  bus_ms: { title: 'of NATS', unit: 'ms', grows: 'flat' },
  bus_kb: { title: 'memory of NATS', unit: 'kB', grows: 'linear' },
};

export const online = {
  key: 'online',
  title: 'Idle users at one of two nodes',
  x: 'users',
  figures: FIGURES,
  async *measure({ online: counts, ...plan }) {
    for (const x of counts)
      yield { x, ...(await filesFor(x, () => watch(plan, { count: x, login: hubbub.wire.greet }, 0))) };
  },
};

export const followed = {
  key: 'followed',
  title: `Rooms in which ${PEOPLE} people are at one of two nodes`,
  x: 'rooms',
  figures: FIGURES,
  async *measure({ followed: counts, ...plan }) {
    for (const x of counts) {
      const each = x / PEOPLE;
      const people = { count: PEOPLE, args: ['--rooms', String(PEOPLE)], login: enterMany(hubbub.wire, each) };
      yield { x, figures: await watch(plan, people, each) };
    }
  },
};

function watch(plan, people, each) {
  const more = {
    HUBBUB_LIMITS_ROOMS_PER_CONNECTION: String(Math.max(128, each)),
    // None of them in the time that is measured.
    HUBBUB_HEARTBEAT_INTERVAL_MS: '600000',
  };
  return onCluster(
    2,
    async ({ address, pids, database }) => {
      if (each > 0)
        execute(
          database,
          roomStatements(
            `SELECT 'r' || a || '-' || b FROM generate_series(0, ${PEOPLE - 1}) AS a, generate_series(0, ${each - 1}) AS b`,
          ),
        );
      return beside({ address, pids: Object.values(pids) }, hubbub.wire, people, async () => {
        await sleep(CALM_S * 1000);
        const shares = await sharesDuring(plan.idleSecs, pids);
        const ms = (name) => shares[name] * 1000;
        return {
          ...{ node_ms: ms('node-0'), other_ms: ms('node-1'), database_ms: ms('database'), bus_ms: ms('bus') },
          bus_kb: residentKb(pids.bus),
        };
      });
    },
    more,
  );
}
