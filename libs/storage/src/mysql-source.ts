import mysql, { type Pool, type PoolConnection, type PoolOptions } from 'mysql2';
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
import { mysqlSocket, type Sockets } from './sockets.js';

/**
 * Loaded by who uses it alone, as the driver is.
 * @param purpose statements of migrations may take as long as they need
 */
export function mysqlSource(
  type: 'mysql' | 'mariadb',
  { url, entities, migrations, poolSize = DEFAULT_POOL_SIZE, patienceMs = DEFAULT_PATIENCE_MS }: ServerOptions,
  sockets: Sockets,
  purpose: 'work' | 'migration' = 'work',
): DataSource {
  const createPool = (config: PoolOptions): Pool => {
    const pool = mysql.createPool(config);
    pool.on('connection', (connection: PoolConnection) => {
      sockets.add(mysqlSocket(connection));
      // A connection that breaks is out of the pool already; without a listener it would end the process.
      connection.on('error', () => {});
      for (const setting of purpose === 'work' ? [...SESSION, ...limits(patienceMs)] : SESSION)
        connection.query(setting, () => {});
    });
    return pool;
  };
  return new DataSource({
    type,
    url,
    poolSize,
    entities: [...entities],
    migrations: [...migrations],
    migrationsTableName: 'migrations',
    logger: new SilentLogger(),
    driver: { ...mysql, createPool },
    charset: 'utf8mb4',
    connectTimeout: patienceMs,
    // 64-bit integers are numbers here: ours are below 2^53.
    supportBigNumbers: true,
    bigNumberStrings: false,
    extra: { uri: url, idleTimeout: IDLE_CONNECTION_MS, enableKeepAlive: true },
  });
}

const SESSION = [
  'SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED',
  // Strict, so that nothing is cut off in silence; without NO_BACKSLASH_ESCAPES, on which the driver's escaping relies.
  "SET SESSION sql_mode = 'STRICT_ALL_TABLES,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION'",
];

/** Frees what a node holds that stops in the middle. One at a time, as MySQL does not know those of MariaDB. */
function limits(patienceMs: number): string[] {
  const seconds = (ms: number): number => Math.max(1, Math.floor(ms / 1000));
  return [
    `SET SESSION innodb_lock_wait_timeout = ${seconds(statementMs(patienceMs))}`,
    `SET SESSION idle_transaction_timeout = ${seconds(IDLE_TRANSACTION_MS)}`,
    `SET SESSION max_statement_time = ${statementMs(patienceMs) / 1000}`,
  ];
}
