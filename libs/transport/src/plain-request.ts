import type { IncomingMessage, Server } from 'node:http';
import type { Socket } from 'node:net';

/** Headers that ask for the other protocol, or say how the connection goes on. */
const OF_THE_CONNECTION = new Set(['connection', 'keep-alive', 'upgrade', 'http2-settings']);

/** Whether an upgrade is one to a WebSocket, well-formed or not. */
export function wantsWebSocket({ headers }: IncomingMessage): boolean {
  return headers.upgrade?.toLowerCase().includes('websocket') ?? false;
}

/**
 * Serves a request that would like another protocol (curl and Java ask for `h2c`) as what it is besides: RFC 9110 §7.8
 * lets a server ignore the wish. Node takes every request with an Upgrade header away from its HTTP server once somebody
 * listens for upgrades (before `shouldUpgradeCallback`, which not all supported versions have), so it is written anew
 * without the wish and given back.
 */
export function servePlainly(server: Server, request: IncomingMessage, socket: Socket, head: Buffer): void {
  const { method = 'GET', url = '/', httpVersion, rawHeaders } = request;
  // Closed afterwards: every request given back leaves listeners of the server on the socket.
  const lines = [`${method} ${url} HTTP/${httpVersion}`, 'Connection: close'];
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    const [name = '', value = ''] = rawHeaders.slice(at, at + 2);
    if (!OF_THE_CONNECTION.has(name.toLowerCase())) lines.push(`${name}: ${value}`);
  }
  socket.unshift(Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'), head]));
  server.emit('connection', socket);
}
