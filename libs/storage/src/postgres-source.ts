import pg from 'pg';
import { DataSource } from 'typeorm';
import {
  DEFAULT_PATIENCE_MS,
  DEFAULT_POOL_SIZE,
  IDLE_CONNECTION_MS,
  IDLE_TRANSACTION_MS,
  type ServerOptions,
  statementMs,
} from './server-database.js';
import { SilentLogger } from './silent-logger.js';
import { postgresSocket, type Sockets } from './sockets.js';

/**
 * Loaded by who uses it alone, as the driver is.
 * @param purpose statements of migrations may take as long as they need
 */
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
        sockets.add(postgresSocket(client));
        await client.query(settings);
      },
    },
    // An idle connection that breaks is out of the pool already; whoever needs one next makes it.
    poolErrorHandler: () => {},
  });
}

/** 64-bit integers are numbers here: ours are below 2^53. */
const getTypeParser: typeof pg.types.getTypeParser = (type, format) =>
  type === pg.types.builtins.INT8 && format !== 'binary' ? Number : pg.types.getTypeParser(type, format);
