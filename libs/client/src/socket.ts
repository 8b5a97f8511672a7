import { retryAfterMs } from './backoff.js';
import type { Clock } from './clock.js';
import { CommandError } from './command-error.js';

/** What is used of a WebSocket: the browser's, Node's own, or that of the package `ws`. */
export interface WebSocketLike {
  send(data: string): void;
  close(code?: number, reason?: string): void;
  addEventListener(type: 'message', listener: (event: { data: unknown }) => void): void;
  addEventListener(type: 'close', listener: (event: { code: number; reason: string }) => void): void;
  addEventListener(type: 'error', listener: (event: unknown) => void): void;
}

export type WebSocketConstructor = new (url: string, protocols: string[]) => WebSocketLike;

/** An upgrade that was answered with plain HTTP. */
export interface Refusal {
  readonly status: number;
  readonly retryAfterMs: number | undefined;
  readonly error: CommandError;
}

/** Parts that only some sockets have. */
interface NodeSocket {
  on?(event: 'unexpected-response', listener: (request: unknown, response: NodeResponse) => void): void;
  terminate?(): void;
}

interface NodeResponse {
  readonly statusCode?: number;
  readonly headers: Record<string, unknown>;
  setEncoding(encoding: 'utf8'): void;
  on(event: 'data', listener: (chunk: string) => void): void;
  on(event: 'end' | 'error' | 'aborted', listener: () => void): void;
}

/** Most that is read of a refusal's body, in characters. */
const MAX_BODY = 65_536;

/**
 * Calls `refused` if the upgrade is answered with plain HTTP and the socket can tell. Those of browsers cannot: there a
 * refusal looks like any lost connection.
 */
export function onRefusal(socket: WebSocketLike, clock: Clock, refused: (refusal: Refusal) => void): void {
  (socket as NodeSocket).on?.('unexpected-response', (_request, response) => {
    let body = '';
    let done = false;
    const finish = () => {
      if (done) return;
      done = true;
      const status = response.statusCode ?? 0;
      const error = errorOf(status, body);
      refused({
        status,
        error,
        retryAfterMs: retryAfterMs(response.headers['retry-after'], clock.now()) ?? error.retryAfterMs,
      });
    };
    response.setEncoding('utf8');
    response.on('data', (chunk) => {
      if (body.length < MAX_BODY) body += chunk;
      else finish();
    });
    response.on('end', finish);
    response.on('error', finish);
    response.on('aborted', finish);
  });
}

function errorOf(status: number, body: string): CommandError {
  try {
    const parsed: unknown = JSON.parse(body);
    if (typeof (parsed as { name?: unknown } | null)?.name === 'string') return CommandError.from(parsed);
  } catch {
    // Not from a gateway but from something before it: the status is all there is.
  }
  return new CommandError('Unknown', { message: `The server answered the upgrade with HTTP ${status}.` });
}

/** Ends a connection that may be dead: without a goodbye where the socket can, so that the server takes it as lost. */
export function abandon(socket: WebSocketLike): void {
  const node = socket as NodeSocket;
  if (node.terminate) node.terminate();
  else socket.close();
}
