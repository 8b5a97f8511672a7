import type { Frame } from '@hubbub/testing';
import { WebSocket } from 'ws';
import { type GeneratedFrame, STREAM } from './frames.js';

/** Pushes and items of streams: whatever else comes without an id answers a frame that had none. */
const PUSHES = new Set(['connected', 'room_message', 'direct_message', 'presence', 'room_updated', 'room_deleted']);
for (const type of ['member_kicked', 'message_redacted', 'member_set', 'marked_read', 'online']) PUSHES.add(type);
PUSHES.add('token_expiring').add(`${STREAM}_item`);

/**
 * One socket that keeps account of its answers: each frame has one, in the order of the frames, but for those of streams.
 * Keeps nothing of what has been answered, so that the memory that is measured is the gateway's.
 */
export class FuzzConnection {
  /** What was not as it should be. */
  readonly faults: string[] = [];
  /** How often each answer came, by type or error code. */
  readonly outcomes: Map<string, number>;
  readonly closed: Promise<number>;
  private readonly due: GeneratedFrame[] = [];
  private head = 0;
  private readonly streams = new Set<GeneratedFrame['id']>();
  private onSettled: (() => void) | undefined;

  private constructor(
    private readonly socket: WebSocket,
    outcomes: Map<string, number>,
  ) {
    this.outcomes = outcomes;
    socket.on('message', (bytes: Buffer, isBinary: boolean) => this.receive(bytes, isBinary));
    socket.on('error', () => undefined);
    this.closed = new Promise((resolve) => {
      socket.once('close', (code) => {
        resolve(code);
        this.onSettled?.();
      });
    });
  }

  static open(url: string, token: string | undefined, outcomes: Map<string, number>): Promise<FuzzConnection> {
    const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
    const socket = new WebSocket(url, ['hubbub.v1'], { headers });
    const connection = new FuzzConnection(socket, outcomes);
    return new Promise((resolve, reject) => {
      socket.once('open', () => resolve(connection));
      socket.once('error', reject);
    });
  }

  get isOpen(): boolean {
    return this.socket.readyState === WebSocket.OPEN;
  }

  send(frame: GeneratedFrame): void {
    if (frame.isStream) this.streams.add(frame.id);
    else this.due.push(frame);
    this.socket.send(frame.payload, { binary: typeof frame.payload !== 'string' });
  }

  /** Sends `close`: commands before it are answered, streams that run are broken off. Returns the close code. */
  async sendClose(): Promise<number> {
    this.socket.send('{"message_type":"close"}');
    const code = await this.closed;
    this.streams.clear();
    await this.settled();
    return code;
  }

  /** Resolves once all is answered. What stays unanswered is noticed by the answers that come in its place. */
  async settled(): Promise<void> {
    const pending = () => this.isOpen && (this.head < this.due.length || this.streams.size > 0);
    while (pending()) await new Promise<void>((resolve) => (this.onSettled = resolve));
    for (const frame of this.due.slice(this.head)) this.fault('no answer to', frame);
    if (this.streams.size > 0) this.faults.push(`${this.streams.size} streams without an answer`);
    this.due.length = 0;
    this.head = 0;
  }

  close(code: number): Promise<number> {
    this.socket.close(code);
    return this.closed;
  }

  terminate(): Promise<number> {
    this.socket.terminate();
    return this.closed;
  }

  private receive(bytes: Buffer, isBinary: boolean): void {
    const frame = JSON.parse(bytes.toString()) as Frame;
    const { message_type: type, request_id: id } = frame;
    const code = type === 'error' ? Number(frame.data['code']) : undefined;
    if (isBinary || typeof type !== 'string' || typeof frame.timestamp !== 'number') {
      this.faults.push(`not an outbound envelope: ${bytes.toString().slice(0, 200)}`);
    }
    if (type === `${STREAM}_item` || (id === undefined && PUSHES.has(type))) return;
    const outcome = code === undefined ? type : `error ${code}`;
    this.outcomes.set(outcome, (this.outcomes.get(outcome) ?? 0) + 1);
    if (this.streams.has(id)) this.streams.delete(id);
    else this.match(id, bytes);
    if (code === 1000 && !String(this.due[this.head - 1]?.payload).includes('explode')) {
      this.fault('unforeseen:', this.due[this.head - 1]);
    }
    if (this.head === this.due.length && this.streams.size === 0) this.onSettled?.();
  }

  private match(id: Frame['request_id'], bytes: Buffer): void {
    const expected = this.due[this.head];
    if (expected !== undefined && expected.id === id) this.head++;
    else this.fault(`an answer that is not due: ${bytes.toString().slice(0, 200)}; due is that of`, expected);
  }

  private fault(what: string, frame: GeneratedFrame | undefined): void {
    this.faults.push(
      `${what} ${frame === undefined ? 'nothing' : JSON.stringify(frame.payload.toString()).slice(0, 400)}`,
    );
  }
}
