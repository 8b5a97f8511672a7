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
