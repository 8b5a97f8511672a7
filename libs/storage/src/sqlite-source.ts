import { closeSync, mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import type BetterSqlite3 from 'better-sqlite3';
import { DataSource, type DataSourceOptions, type EntityManager } from 'typeorm';
import type { DatabaseSchema } from './database.js';
import { SilentLogger } from './silent-logger.js';
import { prepareWriter } from './sqlite-settings.js';

export interface SqliteFile extends DatabaseSchema {
  /** Path of the database file; its folder is made. */
  readonly file: string;
}

/** Opening may block for as long as another process does the same; nobody is served yet. */
const OPEN_BUSY_TIMEOUT_MS = 10_000;
/**
 * Pages in the write-ahead log from which on a commit here copies them into the file, which stops the event loop. A thread
 * that writes does so from SQLite's own 1000 on, so that this is for where nothing is appended.
 */
const CHECKPOINT_PAGES = 4000;

/** Runs the statement that takes the write lock; may do so again while it is busy. */
export type Begin = (statement: () => void) => void | Promise<void>;

/** The one connection that writes: WAL, every commit synced, tables brought up to date. */
export async function openWriter({ file, entities, migrations }: SqliteFile, begin: Begin): Promise<DataSource> {
  // Not by TypeORM, which would let everybody on the machine read it.
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  closeSync(openSync(file, 'a', 0o600));
  const source = await open({ file, entities, migrations }, false, (handle) => {
    handle.pragma(`busy_timeout = ${OPEN_BUSY_TIMEOUT_MS}`);
    handle.pragma('journal_mode = WAL');
    prepareWriter(handle);
    handle.pragma(`wal_autocheckpoint = ${CHECKPOINT_PAGES}`);
  });
  try {
    sqliteHandle(source).pragma('busy_timeout = 0');
    await migrate(source, begin);
  } catch (error) {
    await source.destroy();
    throw error;
  }
  return source;
}

/** A second connection that only reads: it sees committed data alone, while the first is in the middle of a transaction. */
export function openReader({ file, entities }: SqliteFile): Promise<DataSource> {
  return open({ file, entities, migrations: [] }, true, (handle) => {
    handle.pragma('busy_timeout = 0');
    handle.pragma('query_only = ON');
  });
}

/** The driver's handle of a source. */
export function sqliteHandle(source: DataSource): BetterSqlite3.Database {
  return (source.driver as unknown as { databaseConnection: BetterSqlite3.Database }).databaseConnection;
}

async function open(
  { file, entities, migrations }: SqliteFile,
  readonly: boolean,
  prepareDatabase: (handle: BetterSqlite3.Database) => void,
): Promise<DataSource> {
  // The one that threads import. TypeORM might find another, and two copies of SQLite in one process undo each other's locks.
  const { default: driver } = await import('better-sqlite3');
  const options: DataSourceOptions = {
    type: 'better-sqlite3',
    driver,
    database: file,
    entities: [...entities],
    migrations: [...migrations],
    readonly,
    timeout: 0,
    prepareDatabase,
    migrationsTableName: 'migrations',
    logger: new SilentLogger(),
  };
  return new DataSource(options).initialize();
}

/**
 * All pending migrations in one transaction that holds the write lock from its begin: two processes that start at once
 * do not both make the same table, and a migration that fails leaves nothing.
 */
async function migrate(source: DataSource, begin: Begin): Promise<void> {
  const handle = sqliteHandle(source);
  // Has no effect inside a transaction; with it on, rebuilding a table would delete what refers to it.
  handle.pragma('foreign_keys = OFF');
  await inTransaction(source, () => source.runMigrations({ transaction: 'all' }), begin);
  handle.pragma('foreign_keys = ON');
}

/** What TypeORM believes about the transaction of its one SQLite runner. */
interface RunnerState {
  isTransactionActive: boolean;
  transactionDepth: number;
}

/**
 * One transaction on the writing connection, with the write lock from its begin. Not TypeORM's own, which begins
 * without the lock, so that a later statement may fail with busy, and which is confused for good once SQLite has rolled
 * back by itself (disk full). What TypeORM believes is set to what is true, so that `save` and nested transactions work.
 */
export async function inTransaction<T>(
  source: DataSource,
  work: (manager: EntityManager) => Promise<T>,
  begin: Begin,
): Promise<T> {
  const handle = sqliteHandle(source);
  const runner = source.createQueryRunner();
  const state = runner as unknown as RunnerState;
  await begin(() => handle.exec('BEGIN IMMEDIATE'));
  state.isTransactionActive = true;
  state.transactionDepth = 1;
  try {
    const result = await work(runner.manager);
    handle.exec('COMMIT');
    return result;
  } finally {
    if (handle.open && handle.inTransaction) handle.exec('ROLLBACK');
    state.isTransactionActive = false;
    state.transactionDepth = 0;
  }
}
