import type { Socket } from 'node:net';
import type { Writable } from 'node:stream';
import { WebSocket } from 'ws';
import type { Connection } from './connection.js';
import { FRAMES_A_TURN, yieldTurn } from './turns.js';

const TOO_BIG = 1009;

/**
 * What `ws` parses frames with. The flag is the option `allowSynchronousEvents`, read at every frame: while it is false the
 * next frame waits for the next turn, and what is read meanwhile presses back on the socket. `ws` has no public way to
 * stop within a read.
 */
interface Receiver extends Writable {
  _allowSynchronousEvents: boolean;
}

/** The `ws` socket of a connection, which hangs on it. */
export class HubbubSocket extends WebSocket {
  connection: Connection | null = null;
  /** Frames handled since it last let others go first. */
  private frames = 0;
  declare private readonly _receiver: Receiver;
  declare private readonly _socket: Socket;

  /**
   * Where `ws` tells of all that happens. Listeners would lead to the same place, by a table for each connection: a quarter
   * of a kilobyte. Errors are passed over: what clients do wrong ends with a close frame, which is counted.
   */
  override emit(event: string | symbol, ...args: unknown[]): boolean {
    const { connection } = this;
    if (connection === null) return false;
    if (event === 'message') this.onMessage(connection, args[0] as Buffer, args[1] as boolean);
    else if (event === 'pong') this.onPong(connection);
    else if (event === 'close') this.onClose(connection, args[0] as number);
    return true;
  }

  set isSlowed(slowed: boolean) {
    // oxlint-disable-next-line eslint/no-underscore-dangle -- see `Receiver`
    this._receiver._allowSynchronousEvents = !slowed;
  }

  /** To be called for every frame, control frames included. */
  countFrame(): void {
    if (++this.frames < FRAMES_A_TURN) return;
    this.frames = 0;
    yieldTurn(this);
  }

  /**
   * Every close frame passes here: ours, the echo of the client's, and those for breaches of the WebSocket protocol. What
   * the connection is owed leaves before it.
   */
  override close(code?: number, reason?: string | Buffer): void {
    // Not at the echo of our own close frame again.
    if (this.readyState === this.OPEN) {
      // oxlint-disable-next-line eslint/no-underscore-dangle -- see `endOnce`
      for (const stream of [this._receiver, this._socket]) endOnce(stream);
    }
    const { connection } = this;
    if (connection === null || !connection.isOpen) return super.close(code, reason);
    // ws gives no reason with its own: the frame was over maxPayload.
    if (code === TOO_BIG && reason === undefined) return connection.refuseTooLarge();
    connection.flush();
    super.close(code, reason);
    connection.end(code ?? 1005, !connection.isLost);
  }

  /** Called by `ws` for every ping that came. Not all are answered. */
  override pong(data?: unknown, mask?: boolean, callback?: (error: Error) => void): void {
    this.countFrame();
    if (this.connection?.receivePing() ?? true) super.pong(data, mask, callback);
  }

  private onMessage(connection: Connection, data: Buffer, isBinary: boolean): void {
    this.countFrame();
    connection.receive(data, isBinary);
  }

  private onPong(connection: Connection): void {
    this.countFrame();
    connection.receivePong();
  }

  private onClose(connection: Connection, code: number): void {
    this.connection = null;
    connection.socketGone(code);
  }
}

/**
 * `ws` ends the receiver and the socket of a connection that closes two and three times over. Each time but the first, Node makes
 * an error with its stack and gives it to nobody: a tenth of what it costs to open and close a connection.
 */
function endOnce(stream: Writable): void {
  const end = stream.end.bind(stream) as (...args: unknown[]) => Writable;
  stream.end = (...args: unknown[]) => (stream.writableEnded ? stream : end(...args));
}
