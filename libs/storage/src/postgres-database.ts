import type { Duplex } from 'node:stream';
import pg from 'pg';
import { DataSource } from 'typeorm';
import {
  DEFAULT_PATIENCE_MS,
  DEFAULT_POOL_SIZE,
  IDLE_TRANSACTION_MS,
  ServerDatabase,
  type ServerOptions,
  statementMs,
} from './server-database.js';
import { SilentLogger } from './silent-logger.js';
import { Sockets } from './sockets.js';

const IDLE_CONNECTION_MS = 60_000;

/** PostgreSQL 13 or later. */
export class PostgresDatabase extends ServerDatabase<pg.PoolClient> {
  readonly type = 'postgres';

  /** Connects; the tables are there already. */
  static async connect(options: ServerOptions): Promise<PostgresDatabase> {
    const sockets = new Sockets();
    const source = postgresSource(options, sockets);
    await source.initialize();
    return new PostgresDatabase(source, sockets, options);
  }

  protected override streamOf(client: pg.PoolClient): Duplex {
    return socketOf(client);
  }

  protected override send(client: pg.PoolClient, statement: string): Promise<unknown> {
    return client.query(statement);
  }

  /** After a failed statement the server answers a commit by undoing everything, and calls that a success. */
  protected override async commit(client: pg.PoolClient): Promise<void> {
    const { command } = await client.query('COMMIT');
    if (command !== 'COMMIT') throw new Error('the work of a transaction went on after a statement had failed');
  }
}

/** @param purpose statements of migrations may take as long as they need */
export function postgresSource(
  { url, entities, migrations, poolSize = DEFAULT_POOL_SIZE, patienceMs = DEFAULT_PATIENCE_MS }: ServerOptions,
  sockets: Sockets,
  purpose: 'work' | 'migration' = 'work',
): DataSource {
  // Should this node stop or vanish, the server ends by itself what holds up others.
  const settings = [
    'SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL READ COMMITTED',
    `SET statement_timeout = ${purpose === 'work' ? statementMs(patienceMs) : 0}`,
    `SET idle_in_transaction_session_timeout = ${IDLE_TRANSACTION_MS}`,
  ].join(';');
  return new DataSource({
    type: 'postgres',
    url,
    poolSize,
    entities: [...entities],
    migrations: [...migrations],
    migrationsTableName: 'migrations',
    logger: new SilentLogger(),
    installExtensions: false,
    extra: {
      application_name: 'hubbub',
      connectionTimeoutMillis: patienceMs,
      idleTimeoutMillis: IDLE_CONNECTION_MS,
      keepAlive: true,
      types: { getTypeParser },
      onConnect: async (client: pg.PoolClient) => {
        sockets.add(socketOf(client));
        await client.query(settings);
      },
    },
    // An idle connection that breaks is out of the pool already; whoever needs one next makes it.
    poolErrorHandler: () => {},
  });
}

function socketOf(client: pg.ClientBase): Duplex {
  return (client as unknown as { connection: { stream: Duplex } }).connection.stream;
}

/** 64-bit integers are numbers here: ours are below 2^53. */
const getTypeParser: typeof pg.types.getTypeParser = (type, format) =>
  type === pg.types.builtins.INT8 && format !== 'binary' ? Number : pg.types.getTypeParser(type, format);
