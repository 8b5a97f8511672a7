import type { Duplex } from 'node:stream';

/** The open sockets of a pool, those included that it keeps for later. */
export class Sockets {
  private readonly open = new Set<Duplex>();

  add(socket: Duplex): void {
    this.open.add(socket);
    socket.once('close', () => this.open.delete(socket));
  }

  destroy(): void {
    for (const socket of this.open) socket.destroy();
  }
}

/** The socket of a connection of `pg`, which does not tell of it. */
export function postgresSocket(client: object): Duplex {
  return (client as unknown as { connection: { stream: Duplex } }).connection.stream;
}

/** The socket of a connection of `mysql2`, which does not tell of it. */
export function mysqlSocket(connection: object): Duplex {
  return (connection as unknown as { stream: Duplex }).stream;
}
