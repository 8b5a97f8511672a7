import { randomBytes } from 'node:crypto';
import { DataSource } from 'typeorm';
import type { DatabaseType } from '../database.js';

/** Types of database that suites run on. MySQL's statements are MariaDB's, so one of them stands for both. */
export const TESTED_DATABASES = ['sqlite', 'postgres', 'mariadb'] as const satisfies DatabaseType[];
export type TestedDatabase = (typeof TESTED_DATABASES)[number];
export type TestedServer = Exclude<TestedDatabase, 'sqlite'>;

const VARIABLES = { postgres: 'TEST_POSTGRES_URL', mariadb: 'TEST_MARIADB_URL' } as const;

/** Why the type cannot be tested here; undefined if it can. */
export function missing(type: TestedDatabase): string | undefined {
  if (type === 'sqlite' || process.env[VARIABLES[type]] !== undefined) return undefined;
  return `${VARIABLES[type]} is not set`;
}

/** An empty database on a test server. */
export interface TestServerDatabase {
  readonly type: TestedServer;
  readonly url: string;
  /** Deletes it, whoever still uses it. */
  drop(): Promise<void>;
}

/** Makes an empty database on the server that `npm test` found, or on `server`. */
export async function makeTestDatabase(
  type: TestedServer,
  server = process.env[VARIABLES[type]],
): Promise<TestServerDatabase> {
  if (server === undefined) throw new Error(missing(type));
  const name = `hubbub_${randomBytes(8).toString('hex')}`;
  await administer(type, server, `CREATE DATABASE ${name}`);
  const url = new URL(server);
  url.pathname = `/${name}`;
  const force = type === 'postgres' ? ' WITH (FORCE)' : '';
  return { type, url: url.href, drop: () => administer(type, server, `DROP DATABASE IF EXISTS ${name}${force}`) };
}

async function administer(type: TestedServer, url: string, statement: string): Promise<void> {
  const source = await new DataSource({ type, url, poolSize: 1 }).initialize();
  try {
    await source.query(statement);
  } finally {
    await source.destroy();
  }
}
