import type { Duplex } from 'node:stream';
import type { DataSource } from 'typeorm';
import { ServerDatabase, type ServerOptions } from './server-database.js';
import { mysqlSocket, Sockets } from './sockets.js';

/** What is used of a connection of `mysql2`, whose own types only those who install it have. */
export interface MysqlConnection {
  promise(): { query(text: string, values?: unknown[]): Promise<[result: unknown, ...fields: unknown[]]> };
}

/** MySQL 8.0.17 or later, MariaDB 10.6 or later. */
export class MysqlDatabase extends ServerDatabase<MysqlConnection> {
  private constructor(
    readonly type: 'mysql' | 'mariadb',
    source: DataSource,
    sockets: Sockets,
    options: ServerOptions,
  ) {
    super(source, sockets, options);
  }

  /** Connects; the tables are there already. */
  static async connect(type: 'mysql' | 'mariadb', options: ServerOptions): Promise<MysqlDatabase> {
    const { mysqlSource } = await import('./mysql-source.js');
    const sockets = new Sockets();
    const source = mysqlSource(type, options, sockets);
    await source.initialize();
    return new MysqlDatabase(type, source, sockets, options);
  }

  protected override streamOf(connection: MysqlConnection): Duplex {
    return mysqlSocket(connection);
  }

  protected override send(connection: MysqlConnection, statement: string): Promise<unknown> {
    return connection.promise().query(statement);
  }

  /** A failed statement is undone alone here; what undoes the transaction (a deadlock) is repeated. */
  protected override async commit(connection: MysqlConnection): Promise<void> {
    await this.send(connection, 'COMMIT');
  }
}
