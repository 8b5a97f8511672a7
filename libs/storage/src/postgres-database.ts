import type { Duplex } from 'node:stream';
import type pg from 'pg';
import { ServerDatabase, type ServerOptions } from './server-database.js';
import { postgresSocket, Sockets } from './sockets.js';

/** PostgreSQL 13 or later. */
export class PostgresDatabase extends ServerDatabase<pg.PoolClient> {
  readonly type = 'postgres';

  /** Connects; the tables are there already. */
  static async connect(options: ServerOptions): Promise<PostgresDatabase> {
    const { postgresSource } = await import('./postgres-source.js');
    const sockets = new Sockets();
    const source = postgresSource(options, sockets);
    await source.initialize();
    return new PostgresDatabase(source, sockets, options);
  }

  protected override streamOf(client: pg.PoolClient): Duplex {
    return postgresSocket(client);
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
