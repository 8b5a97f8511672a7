import { type RawData, WebSocket } from 'ws';
import type { Connection } from './connection.js';

const TOO_BIG = 1009;

/** The `ws` socket of a connection. The connection hangs on it, so that listeners are shared functions and no closures. */
export class HubbubSocket extends WebSocket {
  connection: Connection | null = null;

  attach(connection: Connection): void {
    this.connection = connection;
    this.on('message', onMessage);
    this.on('close', onClose);
    this.on('error', onError);
  }

  /**
   * Every close frame passes here: ours, the echo of the client's, and those for breaches of the WebSocket protocol. What
   * the connection is owed leaves before it.
   */
  override close(code?: number, reason?: string | Buffer): void {
    const { connection } = this;
    if (connection === null || !connection.isOpen) return super.close(code, reason);
    // ws gives no reason with its own: the frame was over maxPayload.
    if (code === TOO_BIG && reason === undefined) return connection.refuseTooLarge();
    connection.flush();
    super.close(code, reason);
    connection.end(code ?? 1005, !connection.isLost);
  }

  /** Answers a ping; a client that pings and does not read is not answered any more, or its pongs would pile up here. */
  override pong(data?: unknown, mask?: boolean, callback?: (error: Error) => void): void {
    if (this.connection?.canAnswerPing ?? true) super.pong(data, mask, callback);
  }
}

function onMessage(this: WebSocket, data: RawData, isBinary: boolean): void {
  (this as HubbubSocket).connection?.receive(data as Buffer, isBinary);
}

function onClose(this: WebSocket, code: number): void {
  const socket = this as HubbubSocket;
  const { connection } = socket;
  if (connection === null) return;
  socket.connection = null;
  connection.socketGone(code);
}

// What clients do wrong ends with a close frame, which is counted; an error without a listener would end the process.
function onError(): void {}
