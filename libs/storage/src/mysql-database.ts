import type { Duplex } from 'node:stream';
import type { PoolConnection } from 'mysql2';
import type { DataSource } from 'typeorm';
import { ServerDatabase, type ServerOptions } from './server-database.js';
import { mysqlSocket, Sockets } from './sockets.js';

/** MySQL 8.0.17 or later, MariaDB 10.6 or later. */
export class MysqlDatabase extends ServerDatabase<PoolConnection> {
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

  protected override streamOf(connection: PoolConnection): Duplex {
    return mysqlSocket(connection);
  }

  protected override send(connection: PoolConnection, statement: string): Promise<unknown> {
    return connection.promise().query(statement);
  }

  /** A failed statement is undone alone here; what undoes the transaction (a deadlock) is repeated. */
  protected override async commit(connection: PoolConnection): Promise<void> {
    await this.send(connection, 'COMMIT');
  }
}
