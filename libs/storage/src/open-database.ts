import { setTimeout as sleep } from 'node:timers/promises';
import { HubbubError } from '@hubbub/protocol';
import type { Database, DatabaseType } from './database.js';
import { LockSlots1700000000000 } from './lock-slots.migration.js';
import { migrateServer } from './migrate-server.js';
import { MysqlDatabase } from './mysql-database.js';
import { PostgresDatabase } from './postgres-database.js';
import type { ServerOptions } from './server-database.js';
import { mayComeBack } from './server-error.js';
import { Sockets } from './sockets.js';
import { SqliteDatabase, type SqliteOptions } from './sqlite-database.js';

export type DatabaseOptions = ({ readonly type: 'sqlite' } & SqliteOptions) | ServerDatabaseOptions;
export type ServerDatabaseOptions = { readonly type: Exclude<DatabaseType, 'sqlite'> } & ServerOptions;

const DEFAULT_START_PATIENCE_MS = 30_000;
const RETRY_START_MS = 500;

/**
 * Opens the database and brings its tables up to date. A server that is not there yet is waited for: a node may be
 * started before it.
 * @throws what the driver or a migration throws
 */
export function openDatabase(options: DatabaseOptions): Promise<Database> {
  return options.type === 'sqlite' ? SqliteDatabase.open(options) : openServer(options);
}

async function openServer(options: ServerDatabaseOptions): Promise<Database> {
  const end = performance.now() + (options.startPatienceMs ?? DEFAULT_START_PATIENCE_MS);
  for (;;) {
    try {
      await migrate(options);
      const { type } = options;
      return await (type === 'postgres' ? PostgresDatabase.connect(options) : MysqlDatabase.connect(type, options));
    } catch (error) {
      if (!mayComeBack(error) || performance.now() > end) throw error;
      options.monitor?.failed('write', new HubbubError('ServerError', { cause: error }));
    }
    await sleep(RETRY_START_MS);
  }
}

/** Over a connection of its own, whose statements may take long. */
async function migrate(options: ServerDatabaseOptions): Promise<void> {
  const { type } = options;
  const once = { ...options, poolSize: 1, migrations: [LockSlots1700000000000, ...options.migrations] };
  const sockets = new Sockets();
  const source =
    type === 'postgres'
      ? (await import('./postgres-source.js')).postgresSource(once, sockets, 'migration')
      : (await import('./mysql-source.js')).mysqlSource(type, once, sockets, 'migration');
  await source.initialize();
  try {
    await migrateServer(source);
  } finally {
    await source.destroy();
  }
}
