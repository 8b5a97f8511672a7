import { type RawData, WebSocket } from 'ws';
import type { Connection } from './connection.js';
import { FRAMES_A_TURN, yieldTurn } from './turns.js';

const TOO_BIG = 1009;

/**
 * What `ws` parses frames with. The flag is the option `allowSynchronousEvents`, read at every frame: while it is false the
 * next frame waits for the next turn, and what is read meanwhile presses back on the socket. `ws` has no public way to
 * stop within a read.
 */
interface Receiver {
  _allowSynchronousEvents: boolean;
}

/** The `ws` socket of a connection. The connection hangs on it, so that listeners are shared functions and no closures. */
export class HubbubSocket extends WebSocket {
  connection: Connection | null = null;
  /** Frames handled since it last let others go first. */
  private frames = 0;
  declare private readonly _receiver: Receiver;

  attach(connection: Connection): void {
    this.connection = connection;
    this.on('message', onMessage);
    this.on('pong', onPong);
    this.on('close', onClose);
    this.on('error', onError);
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
}

function onMessage(this: WebSocket, data: RawData, isBinary: boolean): void {
  const socket = this as HubbubSocket;
  socket.countFrame();
  socket.connection?.receive(data as Buffer, isBinary);
}

function onPong(this: WebSocket): void {
  const socket = this as HubbubSocket;
  socket.countFrame();
  socket.connection?.receivePong();
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
