/** Ever more rooms: such that exist and nobody is in, and such that people are in. */
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { hubbub } from '../../peers/hubbub.mjs';
import { onFreshServer } from '../../rows/work.mjs';
import { beside } from '../crowd.mjs';
import { roomStatements } from '../fill-rooms.mjs';
import { PROBE_ROOMS, probe } from '../probe.mjs';
import { memoryOf } from '../processes.mjs';

/** Two of them are in every open room. */
const CROWD = 1000;
const GROUPS = CROWD / 2;
const BUSY_MS = 20_000;

const PROBE_FIGURES = {
  delivery_us: { title: 'a delivery', unit: 'µs', grows: 'flat' },
  join_us: { title: 'entering and leaving', unit: 'µs', grows: 'flat' },
};

/** A gateway with `groups` × `each` rooms that `r<group>-<n>` names, beside those of the probe. */
function onRooms(groups, each, work) {
  const env = { HUBBUB_LIMITS_ROOMS_PER_CONNECTION: String(Math.max(128, each + 1)) };
  return onFreshServer(
    hubbub,
    async (server) => {
      const database = new Database(join(server.folder, 'hubbub.sqlite'), { timeout: BUSY_MS });
      try {
        for (const statement of roomStatements(numbered(groups, each))) database.exec(statement);
      } finally {
        database.close();
      }
      await server.makeRooms(PROBE_ROOMS);
      return work(server);
    },
    { env },
  );
}

const upTo = (name, count) =>
  `WITH RECURSIVE ${name}(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM ${name} WHERE n + 1 < ${count}) SELECT n FROM ${name}`;
const numbered = (groups, each) =>
  `SELECT 'r' || one.n || '-' || two.n FROM (${upTo('a', groups)}) AS one, (${upTo('b', each)}) AS two`;

/** Steps of a login that enters so many rooms of the connection's group. */
export const enterMany = (wire, count) => [
  ...wire.greet,
  ...Array.from({ length: count }, (_, n) => {
    const [[join, joined]] = wire.join;
    return ['--send', join.replace('r%r', `r%r-${n}`), '--expect', joined];
  }).flat(),
];

export const rooms = {
  key: 'rooms',
  title: 'Rooms that exist',
  x: 'rooms',
  figures: PROBE_FIGURES,
  async *measure({ rooms: counts, ...plan }) {
    for (const x of counts) yield { x, figures: await onRooms(x, 1, (server) => probe(server, hubbub.wire, plan)) };
  },
};

export const openRooms = {
  key: 'open-rooms',
  title: 'Rooms with two members each, of 1000 people',
  x: 'rooms',
  figures: { ...PROBE_FIGURES, kb: { title: 'memory of a gateway', unit: 'kB', grows: 'linear' } },
  async *measure({ openRooms: counts, ...plan }) {
    for (const x of counts) yield { x, figures: await measureOpen(x, plan) };
  },
};

async function measureOpen(count, plan) {
  const { wire } = hubbub;
  const each = count / GROUPS;
  return onRooms(GROUPS, each, (server) => {
    const crowd = { count: CROWD, login: enterMany(wire, each), args: ['--rooms', String(GROUPS)] };
    return beside(server, wire, crowd, async () => ({
      kb: await memoryOf(server.pids),
      ...(await probe(server, wire, plan)),
    }));
  });
}

export { onRooms };
