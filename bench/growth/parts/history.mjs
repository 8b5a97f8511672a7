/**
 * Ever more messages of one room: to store one more, and to read where nothing is held in memory. The log alone on databases of its own, without a gateway;
 * CPU is that of this process and of the database server.
 */
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ROOT } from '../../../scripts/run-process.mjs';
import { stopServer } from '../../../scripts/services/start.mjs';
import { cpuOf, startDurable } from '../../own-servers.mjs';
import { payload } from '../../payload.mjs';
import { closing } from '../closing.mjs';

const ROOM = 'room';
const CONTENT = payload(1);
/** As many senders as in the other measurements of stored messages. */
const AT_ONCE = 100;
const PAGE = 50;
const RECOVERED = 100;
/** Statements may not take for ever. */
const FILLED_AT_ONCE = 200_000;

const history = (key, title, type) => ({
  key,
  title,
  x: 'stored messages',
  figures: {
    append_us: { title: `storing one more, ${AT_ONCE} at once`, unit: 'µs', grows: 'flat' },
    newest_us: { title: `the newest ${PAGE}`, unit: 'µs', grows: 'flat' },
    middle_us: { title: `${PAGE} from the middle`, unit: 'µs', grows: 'flat' },
    oldest_us: { title: `the oldest ${PAGE}`, unit: 'µs', grows: 'flat' },
    recover_us: { title: `the ${RECOVERED} missed`, unit: 'µs', grows: 'flat' },
    bytes: { title: 'the database for each', unit: 'bytes', grows: 'flat' },
  },
  async *measure({ history: counts, historySecs }) {
    const log = await open(type);
    try {
      for (const [n, x] of counts.entries()) {
        await log.fillTo(x);
        // Code that has not run for a while yet costs several times as much.
        if (n === 0) await measure(log, historySecs);
        yield { x, figures: await measure(log, historySecs) };
      }
    } finally {
      await log.close();
    }
  },
});

export const histories = [
  history('history-sqlite', 'Stored messages of one room, SQLite', 'sqlite'),
  history('history-postgres', 'Stored messages of one room, Postgres', 'postgres'),
];

async function open(type) {
  const imported = (file) => import(pathToFileURL(join(ROOT, 'dist', file)));
  const { openMessages } = await imported('libs/messages/src/testing/open-messages.js');
  const { openTestDatabase } = await imported('libs/storage/src/testing/open-test-database.js');
  const starting = type === 'sqlite' ? Promise.resolve(null) : startDurable(type);
  const stop = closing(() =>
    starting.then(
      (server) => server && stopServer(server),
      () => {},
    ),
  );
  const server = await starting;
  if (server !== null) process.env.TEST_POSTGRES_URL = server.url;
  const messages = await openMessages({ open: (options) => openTestDatabase({ ...options, type }) });
  await messages.createRoom(ROOM);
  return {
    messages,
    type,
    fillTo: (count) => fill(messages, type, count),
    /** CPU so far of this process and of the database server, in s. */
    cpu() {
      const { user, system } = process.cpuUsage();
      return { own: (user + system) / 1e6, server: server === null ? 0 : cpuOf(server.pid) };
    },
    close: closing(async () => {
      await messages.close();
      await stop();
    }),
  };
}

/** Messages like those that the log itself would have stored, up to number `count`. */
async function fill({ database, log }, type, count) {
  for (let head = (await log.head(ROOM)).seq; head < count; head = (await log.head(ROOM)).seq) {
    const last = Math.min(count, head + FILLED_AT_ONCE);
    const numbers = {
      sqlite: `WITH RECURSIVE numbers(n) AS (SELECT ${head + 1} UNION ALL SELECT n + 1 FROM numbers WHERE n < ${last}) SELECT n FROM numbers`,
      postgres: `SELECT n FROM generate_series(${head + 1}, ${last}) AS n`,
    };
    await database.transaction(async (manager) => {
      await manager.query(
        `INSERT INTO room_message (log_id, seq, sender_id, sender_name, content, timestamp, redacted)
           SELECT log.id, n, 'user' || n % 100, 'User', '${CONTENT}', 1700000000000 + n, 0
           FROM message_log AS log, (${numbers[type]}) AS numbers WHERE log.kind = 'room' AND log.owner_id = '${ROOM}'`,
      );
      await manager.query(`UPDATE message_log SET head = ${last} WHERE kind = 'room' AND owner_id = '${ROOM}'`);
    });
  }
  if (type === 'postgres') await database.read((manager) => manager.query('ANALYZE'));
}

async function measure(log, secs) {
  const { seq: count } = await log.messages.log.head(ROOM);
  const { store } = log.messages;
  const read = async (range) => {
    const asked = range.limit;
    const { messages } = await store.read(ROOM, range);
    if (messages.length !== asked) throw new Error(`${messages.length} of ${asked} messages`);
  };
  const reading = async (range) => {
    const { own, server } = await cost(log, secs, () => read(range));
    return own + server;
  };
  const bytes = await sizeOf(log);
  const figures = {
    newest_us: await reading({ limit: PAGE, newest: true }),
    middle_us: await reading({ limit: PAGE, newest: true, before: Math.ceil(count / 2) }),
    oldest_us: await reading({ limit: PAGE, after: 0 }),
    recover_us: await reading({ limit: RECOVERED, after: count - RECOVERED }),
    bytes: bytes / count,
  };
  // Last, as it makes the history longer.
  const { own, server } = await cost(log, secs, () => appendMany(log.messages.log));
  return { append_us: (own + server) / AT_ONCE, append_server_us: server / AT_ONCE, ...figures };
}

/** CPU of one `work` in µs, over as many as fit in `secs`: `own` and `server`. */
async function cost(log, secs, work) {
  await work();
  let done = 0;
  const from = { at: performance.now(), cpu: log.cpu() };
  for (; performance.now() < from.at + secs * 1000; done++) await work();
  const cpu = log.cpu();
  return { own: ((cpu.own - from.cpu.own) * 1e6) / done, server: ((cpu.server - from.cpu.server) * 1e6) / done };
}

const appendMany = (log) =>
  Promise.all(
    Array.from(
      { length: AT_ONCE },
      (_, n) =>
        new Promise((resolve, reject) => {
          log
            .append({ roomId: ROOM, senderId: `user${n}`, senderName: 'User', contentJson: CONTENT })
            .onSettled((error) => (error === undefined ? resolve() : reject(error)));
        }),
    ),
  );

async function sizeOf({ messages: { database }, type }) {
  const statement = {
    sqlite: 'SELECT page_count * page_size AS bytes FROM pragma_page_count(), pragma_page_size()',
    postgres: "SELECT pg_total_relation_size('room_message') AS bytes",
  };
  const [{ bytes }] = await database.read((manager) => manager.query(statement[type]));
  return Number(bytes);
}
