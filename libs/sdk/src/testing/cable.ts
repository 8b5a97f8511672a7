import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

/** A TCP connection that can be cut: to whoever is at its other end, the process at this one was killed. */
export class Cable {
  private readonly sockets = new Set<Socket>();

  private constructor(private readonly server: Server) {}

  static async to(port: number): Promise<Cable> {
    const server = createServer().listen(0, '127.0.0.1');
    const cable = new Cable(server);
    server.on('connection', (near) => {
      const far = connect(port, '127.0.0.1');
      near.pipe(far).pipe(near);
      for (const socket of [near, far]) cable.sockets.add(socket.on('error', () => cable.destroy()));
    });
    await once(server, 'listening');
    return cable;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  /** For good. */
  cut(): void {
    this.server.close();
    this.destroy();
  }

  private destroy(): void {
    for (const socket of this.sockets) socket.destroy();
  }
}
