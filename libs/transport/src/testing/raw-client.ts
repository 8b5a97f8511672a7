import { once } from 'node:events';
import { type MessageId } from '@hubbub/protocol';
import { type RawData, WebSocket } from 'ws';
import { Refused } from './refused.js';

/** One frame as it came. */
export interface RawFrame {
  readonly message_type: string;
  readonly request_id?: MessageId;
  // Tests look into data of every shape.
  // oxlint-disable-next-line typescript/no-explicit-any
  readonly data: any;
  readonly timestamp: number;
}

export interface RawClientOptions {
  /** Sent as `Authorization: Bearer …`. */
  readonly token?: string;
  /** Subprotocols to offer. @default none */
  readonly protocols?: readonly string[];
  readonly headers?: Readonly<Record<string, string>>;
}

interface Waiter {
  readonly matches: (frame: RawFrame) => boolean;
  readonly resolve: (frame: RawFrame) => void;
  readonly reject: (error: Error) => void;
}

/** A client that speaks the protocol and hides nothing of it: every frame can be looked at, answers are not judged. */
export class RawClient {
  /** Every frame received, in order. */
  readonly frames: RawFrame[] = [];
  /** Resolves when the connection has closed. */
  readonly closed: Promise<{ readonly code: number; readonly reason: string }>;
  private readonly unread: RawFrame[] = [];
  private readonly waiters: Waiter[] = [];
  private ids = 0;

  private constructor(readonly socket: WebSocket) {
    socket.on('message', (data: RawData) => this.receive(JSON.parse((data as Buffer).toString()) as RawFrame));
    this.closed = new Promise((resolve) => {
      socket.once('close', (code, reason) => {
        for (const waiter of this.waiters.splice(0)) waiter.reject(new Error(`closed with ${code} while waiting`));
        resolve({ code, reason: reason.toString() });
      });
    });
  }

  /**
   * Connects. @param url `ws://127.0.0.1:port/ws`
   * @throws Refused with the HTTP answer of an upgrade that was not let in
   */
  static async connect(url: string, options: RawClientOptions = {}): Promise<RawClient> {
    const { token, protocols = [], headers } = options;
    const authorization = token === undefined ? {} : { authorization: `Bearer ${token}` };
    const socket = new WebSocket(url, [...protocols], {
      perMessageDeflate: false,
      headers: { ...authorization, ...headers },
    });
    // Listening before the handshake is done: the first frame comes with it.
    const client = new RawClient(socket);
    const refused = Refused.by(socket);
    await Promise.race([once(socket, 'open'), refused]);
    socket.on('error', () => undefined);
    return client;
  }

  /** The subprotocol that was selected; empty if none was offered. */
  get protocol(): string {
    return this.socket.protocol;
  }

  /** Sends a command and waits for its answer: its reply, or `error`. */
  async command(type: string, data?: object, id: MessageId = ++this.ids): Promise<RawFrame> {
    const answer = this.take((frame) => frame.request_id === id && !frame.message_type.endsWith('_item'));
    this.send({ message_type: type, message_id: id, data });
    return answer;
  }

  /** The first frame of `type` that no call has returned yet, already received or still to come; pushes and answers alike. */
  next(type: string, matches: (frame: RawFrame) => boolean = () => true): Promise<RawFrame> {
    return this.take((frame) => frame.message_type === type && matches(frame));
  }

  /** Sends an object as JSON, or text and bytes as they are. */
  send(frame: object | string | Buffer): void {
    this.socket.send(typeof frame === 'string' || Buffer.isBuffer(frame) ? frame : JSON.stringify(frame));
  }

  /** Closes with a close frame and waits until the connection has closed. */
  async close(code = 1000): Promise<void> {
    this.socket.close(code);
    await this.closed;
  }

  /** Cuts the connection without a close frame. */
  async cut(): Promise<void> {
    this.socket.terminate();
    await this.closed;
  }

  private take(matches: (frame: RawFrame) => boolean): Promise<RawFrame> {
    const at = this.unread.findIndex(matches);
    if (at >= 0) return Promise.resolve(this.unread.splice(at, 1)[0] as RawFrame);
    if (this.socket.readyState === WebSocket.CLOSED) return Promise.reject(new Error('the connection has closed'));
    return new Promise((resolve, reject) => this.waiters.push({ matches, resolve, reject }));
  }

  private receive(frame: RawFrame): void {
    this.frames.push(frame);
    const at = this.waiters.findIndex(({ matches }) => matches(frame));
    if (at >= 0) this.waiters.splice(at, 1)[0]?.resolve(frame);
    else this.unread.push(frame);
  }
}
