import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Database, type DatabaseOptions } from '../database.js';

export interface TestDatabaseOptions extends Partial<DatabaseOptions> {
  /** A file to keep; without it one is made in a temporary folder that `close` removes. */
  readonly file?: string;
}

/** A real SQLite database for a test. Call `close` at its end. */
export async function openTestDatabase(options: TestDatabaseOptions = {}): Promise<Database> {
  const base = { entities: [], migrations: [] };
  if (options.file !== undefined) return Database.open({ ...base, ...options, file: options.file });

  const folder = await mkdtemp(join(tmpdir(), 'hubbub-database-'));
  const database = await Database.open({ ...base, ...options, file: join(folder, 'test.sqlite') });
  const close = database.close.bind(database);
  database.close = async () => {
    await close();
    await rm(folder, { recursive: true, force: true });
  };
  return database;
}
