import type { QueryRunner, TableColumnOptions } from 'typeorm';

/** How migrations write columns, so that a table is the same on every database. */
export interface Columns {
  /**
   * Text of at most `length` characters that is compared and sorted byte for byte: `a`, `A`, `a ` and `ä` in its two
   * spellings are four ids.
   */
  text: (name: string, length: number) => TableColumnOptions;
  /** Text of any length, kept as it is. */
  longText: (name: string) => TableColumnOptions;
  /** A number below 2^53. */
  bigint: (name: string) => TableColumnOptions;
  int: (name: string) => TableColumnOptions;
  /** A primary key that counts up; a number once given is never given again. */
  serial: (name: string) => TableColumnOptions;
  flag: (name: string) => TableColumnOptions;
}

/** The columns of the database that a migration runs on. */
export async function columnsOf(runner: QueryRunner): Promise<Columns> {
  const collation = await binaryCollation(runner);
  const { type } = runner.dataSource.options;
  const long = type === 'mysql' || type === 'mariadb' ? 'longtext' : 'text';
  return {
    text: (name, length) => ({ name, type: 'varchar', length: `${length}`, ...collation }),
    longText: (name) => ({ name, type: long, ...collation }),
    bigint: (name) => ({ name, type: 'bigint' }),
    int: (name) => ({ name, type: 'int' }),
    serial: (name) => ({
      name,
      // SQLite counts by itself in columns of this very type only, which has 64 bits there.
      type: type === 'better-sqlite3' ? 'integer' : 'bigint',
      isPrimary: true,
      isGenerated: true,
      generationStrategy: 'increment',
    }),
    flag: (name) => ({ name, type: 'boolean' }),
  };
}

/** Collations of MySQL mostly ignore spaces at the end; those that do not have other names in MariaDB. */
async function binaryCollation(runner: QueryRunner): Promise<{ charset?: string; collation?: string }> {
  const { type } = runner.dataSource.options;
  if (type === 'postgres') return { collation: 'C' };
  if (type !== 'mysql' && type !== 'mariadb') return {};
  const [row] = (await runner.query('SELECT VERSION() AS version')) as [{ version: string }];
  const isMariaDb = /mariadb/i.test(row.version);
  return { charset: 'utf8mb4', collation: isMariaDb ? 'utf8mb4_nopad_bin' : 'utf8mb4_0900_bin' };
}
