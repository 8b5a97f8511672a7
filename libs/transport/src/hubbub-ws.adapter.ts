import type { IncomingMessage, Server } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { HubbubConfig } from '@hubbub/config';
import type { INestApplication } from '@nestjs/common';
import { WsAdapter } from '@nestjs/platform-ws';
import { servePlainly, wantsWebSocket } from './plain-request.js';
import { SilentServer } from './silent-server.js';
import { Upgrades } from './upgrades.service.js';

/** Options of `@WebSocketGateway` that this adapter looks at. */
interface GatewayServerOptions {
  readonly path?: string;
  readonly namespace?: string;
}

/**
 * Nest's WebSocket adapter for Hubbub: `app.useWebSocketAdapter(new HubbubWsAdapter(app))`. Gateways stay stock
 * `@WebSocketGateway()` classes; all of them are served on `server.ws_path` of the HTTP server.
 */
export class HubbubWsAdapter extends WsAdapter {
  private stop: (() => void) | null = null;

  constructor(private readonly app: INestApplication) {
    super(app);
  }

  /** @throws Error for a gateway with a port, path or namespace of its own */
  override create(port: number, options: GatewayServerOptions = {}): SilentServer {
    const { wsPath } = this.app.get(HubbubConfig, { strict: false }).server;
    const path = options.path === undefined ? wsPath : `/${options.path.replace(/^\/+/, '')}`;
    if (port !== 0 || options.namespace !== undefined || path !== wsPath) {
      throw new Error(
        `@WebSocketGateway(${describe(port, options)}): gateways have no port, path or namespace of their own here: all are served on ${wsPath}`,
      );
    }
    this.listen();
    return new SilentServer();
  }

  override bindClientConnect(): void {}

  override bindClientDisconnect(): void {}

  override async close(): Promise<void> {}

  override async dispose(): Promise<void> {
    this.stop?.();
    this.stop = null;
  }

  private listen(): void {
    if (this.stop !== null) return;
    const server = this.httpServer as Server;
    const upgrades = this.app.get<Upgrades>(Upgrades, { strict: false });
    const listener = (request: IncomingMessage, stream: Duplex, head: Buffer): void => {
      if (!wantsWebSocket(request)) return servePlainly(server, request, stream as Socket, head);
      const isOurs = server.listenerCount('upgrade') === 1 || upgrades.serves(request.url ?? '');
      if (isOurs) return upgrades.listener(request, stream, head);
      // Left to who else upgrades in this application; an error that they do not expect would end the process.
      stream.on('error', () => {});
    };
    server.on('upgrade', listener);
    this.stop = () => server.off('upgrade', listener);
  }
}

/** The decorator's arguments, as somebody has written them: Nest does not tell of which class. */
function describe(port: number, { path, namespace }: GatewayServerOptions): string {
  const options = JSON.stringify({ path, namespace });
  return [...(port === 0 ? [] : [port]), ...(options === '{}' ? [] : [options])].join(', ');
}
