import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';

export interface Refusal {
  readonly status: number;
  readonly body?: object;
  readonly headers?: Record<string, string>;
}

/** What a node asks of the server that it belongs to. */
interface NodeHost {
  refusal(request: IncomingMessage): Refusal | undefined;
  accept(socket: WebSocket, request: IncomingMessage): void;
}

/** One address of a hostile server: it can go and come back, freeze, and refuse. */
export class HostileNode {
  /** Takes connections and frames and answers nothing, as a process that was stopped does. */
  isFrozen = false;
  isDraining = false;
  refusal: Refusal | undefined;
  /** Upgrades that were asked for, those refused and those left without an answer included. */
  attempts = 0;
  private readonly sockets = new Set<Duplex>();
  private readonly webSockets = new WebSocketServer({ noServer: true, handleProtocols: () => 'hubbub.v1' });
  private server: Server | null = null;
  private port = 0;

  constructor(private readonly host: NodeHost) {}

  get url(): string {
    return `ws://127.0.0.1:${this.port}/ws`;
  }

  /** Listens, at the same port as before. */
  async up(): Promise<void> {
    this.isFrozen = false;
    this.isDraining = false;
    const server = createServer();
    this.server = server;
    server.on('connection', (socket) => {
      this.sockets.add(socket);
      socket.on('close', () => this.sockets.delete(socket));
    });
    server.on('upgrade', (request, socket, head) => this.upgrade(request, socket, head));
    await new Promise<void>((resolve) => {
      server.listen(this.port, '127.0.0.1', resolve);
    });
    this.port = (server.address() as AddressInfo).port;
  }

  /** Ends as a process that was killed: its connections break, and nobody listens any more. */
  async down(): Promise<void> {
    const { server } = this;
    this.server = null;
    for (const socket of this.sockets) socket.destroy();
    if (server) await new Promise((resolve) => server.close(resolve));
  }

  private upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    this.attempts++;
    socket.on('error', () => {});
    if (this.isFrozen) return;
    const draining = this.isDraining ? { status: 503, headers: { 'Retry-After': '5' } } : undefined;
    const refusal = draining ?? this.refusal ?? this.host.refusal(request);
    if (refusal) refuse(socket, refusal);
    else this.webSockets.handleUpgrade(request, socket, head, (webSocket) => this.host.accept(webSocket, request));
  }
}

function refuse(socket: Duplex, { status, body = {}, headers = {} }: Refusal): void {
  const text = JSON.stringify(body);
  const all = { ...headers, 'Content-Length': String(Buffer.byteLength(text)), Connection: 'close' };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.end(`HTTP/1.1 ${status} Refused\r\n${lines.join('')}\r\n${text}`);
}
