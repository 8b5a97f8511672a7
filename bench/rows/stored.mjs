/** Messages with an answer to each sender, and pushed to nine others: kept nowhere, in SQLite, in Postgres. */
import { stopServer } from '../../scripts/services/start.mjs';
import { startDurable } from '../own-servers.mjs';
import { figuresOf, load, onFreshServer, trafficOf, undisturbed } from './work.mjs';

const ROOMS = 10;
const MEMBERS = 10;

/** Everybody sends: 100 senders over 10 rooms. */
const CROWD = ['--conns', String(ROOMS * MEMBERS), '--rooms', String(ROOMS), '--pubs', String(MEMBERS)];
/** As fast as it goes: each sender has so many unanswered. */
const FULL = ['--window', '8'];
/** @param messages in all, a second */
const paced = (messages) => ['--rate', String(messages / (ROOMS * MEMBERS))];

const row = (key, title, sends, { traffic = FULL, variantOf = (peer) => peer } = {}) => ({
  key,
  title,
  unit: 'acknowledged message',
  figures: ['cpu_us', 'per_s', 'p50_ms', 'p99_ms', 'push_p50_ms', 'push_p99_ms', 'bytes'],
  suits: ({ wire }) => wire[sends] !== undefined,
  measure(peer, plan) {
    const run = () => measure(variantOf(peer), plan, traffic, peer.wire[sends]);
    return traffic === FULL ? run() : undisturbed(run);
  },
});

async function measure(peer, plan, traffic, { publish, ack }) {
  return onFreshServer(peer, async (server) => {
    await server.makeRooms?.(ROOMS);
    const result = await load(server, peer.wire, [
      ...['--mode', 'fanout', ...CROWD, ...traffic, ...trafficOf(plan), '--no-echo'],
      ...['--pub', publish, '--ack', ack, ...peer.wire.login],
    ]);
    return figuresOfMessages(result);
  });
}

/** By message rather than by delivery; the time is until the answer, that of deliveries stands apart. */
function figuresOfMessages(result) {
  const figures = figuresOf(result, result.ack_us);
  const deliveries = result.units_per_s / result.publishes_per_s;
  return {
    ...figures,
    cpu_us: figures.cpu_us * deliveries,
    per_s: result.publishes_per_s,
    bytes: figures.bytes * deliveries,
    push_p50_ms: result.lat_us.p50 / 1000,
    push_p99_ms: result.lat_us.p99 / 1000,
  };
}

/** The same peer on a Postgres of its own, with the durability that it has by default. */
const onPostgres = (peer) => ({
  ...peer,
  async start() {
    const postgres = await startDurable('postgres');
    try {
      const env = { HUBBUB_DATABASE_TYPE: 'postgres', HUBBUB_DATABASE_URL: postgres.url };
      const server = await peer.start({ env });
      return { ...server, stop: () => server.stop().finally(() => stopServer(postgres)) };
    } catch (error) {
      await stopServer(postgres);
      throw error;
    }
  },
});

export const storedRows = [
  row('S1', 'acknowledged, kept nowhere: 100 senders, 10 rooms × 10', 'acked'),
  row('S2', 'acknowledged when SQLite has it: 100 senders, 10 rooms × 10', 'stored'),
  row('S3', 'acknowledged when Postgres has it: 100 senders, 10 rooms × 10', 'stored', { variantOf: onPostgres }),
  row('L2', 'as S2, 7,500 messages/s in all', 'stored', { traffic: paced(7500) }),
  row('L3', 'as S3, 9,000 messages/s in all', 'stored', { traffic: paced(9000), variantOf: onPostgres }),
];
