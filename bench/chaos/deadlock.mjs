import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';

const ROUNDS = 3;
/** How long messages pile up: their next batch is of many rooms. */
const PILE_UP_MS = 500;
/** How long that batch may take to come as far as it can. */
const UNTIL_HELD_MS = 300;
const LOCK = "SELECT id FROM message_log WHERE kind = 'room'";

/**
 * Takes the locks of the rooms' logs in the order in which no gateway takes them, so that one waits for the other. The server
 * ends the one that has waited for its `deadlock_timeout`: always the gateway.
 */
export async function lockCrosswise({ databaseUrl, faults }) {
  const [all, last] = await Promise.all([open(databaseUrl), open(databaseUrl)]);
  const before = await deadlocks(all);
  for (let round = 0; round < ROUNDS; round++) {
    for (const client of [all, last]) await client.query('BEGIN');
    const { rows } = await all.query(`${LOCK} ORDER BY owner_id FOR UPDATE`);
    // In the queue before the gateways are.
    const held = last.query(`${LOCK} AND id = $1 FOR UPDATE`, [rows.at(-1).id]);
    await sleep(PILE_UP_MS);
    await all.query('ROLLBACK');
    await held;
    await sleep(UNTIL_HELD_MS);
    await last.query(`${LOCK} ORDER BY owner_id DESC FOR UPDATE`);
    await last.query('ROLLBACK');
  }
  // A server counts what a connection was in after a while.
  for (let waited = 0; (await deadlocks(all)) === before; waited += 100) {
    if (waited > 10_000) {
      faults.push('nothing has deadlocked');
      break;
    }
    await sleep(100);
  }
  for (const client of [all, last]) await client.end();
}

async function open(connectionString) {
  const client = new pg.Client({ connectionString });
  await client.connect();
  await client.query("SET deadlock_timeout = '60s'");
  return client;
}

async function deadlocks(client) {
  const { rows } = await client.query('SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()');
  return Number(rows[0].deadlocks);
}
