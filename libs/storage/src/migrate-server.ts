import { type DataSource, MigrationExecutor, type QueryRunner, type Table } from 'typeorm';

/** Any number, as long as it is always the same. */
const POSTGRES_LOCK = 7_487_662_211;
/** Names of locks are the whole server's, and at most 64 characters. */
const MYSQL_LOCK = "CONCAT('hubbub ', SHA1(DATABASE()))";
const LOCK_WAIT_S = 120;

/**
 * Runs the pending migrations. Nodes that start at once do so one after another: the first makes the tables, the others
 * find them made. The lock is that of the session, so it is free again however its holder ends.
 * @throws what the driver or a migration throws
 */
export async function migrateServer(source: DataSource): Promise<void> {
  const runner = source.createQueryRunner();
  const isPostgres = source.options.type === 'postgres';
  try {
    await (isPostgres ? runner.query(`SELECT pg_advisory_lock(${POSTGRES_LOCK})`) : lockMysql(runner));
    // Postgres undoes a migration that fails. MySQL keeps the tables that were made: the next attempt passes over them.
    if (!isPostgres) passOverTables(runner);
    const executor = new MigrationExecutor(source, runner);
    executor.transaction = 'each';
    await executor.executePendingMigrations();
    await runner.query(
      isPostgres ? `SELECT pg_advisory_unlock(${POSTGRES_LOCK})` : `SELECT RELEASE_LOCK(${MYSQL_LOCK})`,
    );
  } finally {
    await runner.release();
  }
}

async function lockMysql(runner: QueryRunner): Promise<void> {
  const [row] = (await runner.query(`SELECT GET_LOCK(${MYSQL_LOCK}, ${LOCK_WAIT_S}) AS held`)) as [{ held: number }];
  if (row.held !== 1) throw new Error('another node takes too long to make the tables');
}

function passOverTables(runner: QueryRunner): void {
  const create = runner.createTable.bind(runner);
  runner.createTable = (table: Table, _, ...rest) => create(table, true, ...rest);
}
