import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import type { WebSocket } from 'ws';

/** An upgrade that was answered with HTTP instead of a WebSocket. */
export class Refused extends Error {
  constructor(
    readonly status: number,
    readonly headers: IncomingHttpHeaders,
    /** Parsed JSON. */
    readonly body: Readonly<Record<string, unknown>>,
  ) {
    super(`upgrade refused with ${status}`);
  }

  /** Rejects when the upgrade of `socket` is refused or cannot be made at all; never resolves. */
  static by(socket: WebSocket): Promise<never> {
    return new Promise((_, reject) => {
      socket.once('error', reject);
      socket.once('unexpected-response', (_request, response: IncomingMessage) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () => {
          socket.terminate();
          const body = JSON.parse(Buffer.concat(chunks).toString()) as Record<string, unknown>;
          reject(new Refused(response.statusCode ?? 0, response.headers, body));
        });
      });
    });
  }
}
