import {
  type CommandData,
  type CommandType,
  type ErrorBody,
  type MessageId,
  type PushData,
  type PushType,
  type ReplyData,
} from '@hubbub/protocol';
import { type ClientOptions, WebSocket } from 'ws';

/** An outbound frame as it came. */
export interface Frame {
  readonly message_type: string;
  readonly request_id?: MessageId;
  readonly data: Record<string, unknown>;
  readonly timestamp: number;
}

/** The `error` frame that a command was answered with. */
export class CommandError extends Error {
  readonly code: number;
  constructor(readonly body: ErrorBody) {
    super(`${body.name}: ${body.message}`);
    this.name = body.name;
    this.code = body.code;
  }
}

/** How a connection ended. */
export interface Ending {
  readonly code: number;
  readonly reason: string;
}

export interface ConnectOptions extends ClientOptions {
  readonly token?: string;
  /** @default ['hubbub.v1'] */
  readonly protocols?: string[];
}

/** A refusal of the upgrade. */
export class UpgradeRefused extends Error {
  constructor(
    readonly status: number,
    readonly headers: Record<string, unknown>,
    readonly body: string,
  ) {
    super(`the upgrade was answered ${status}: ${body}`);
  }
}

/**
 * A client that hides nothing: what it sends is what the test says, and every frame is kept in the order it came. Waiting is
 * for frames, never for time; Jest's own limit ends what never comes.
 */
export class TestClient {
  /** Every frame so far. */
  readonly frames: Frame[] = [];
  readonly closed: Promise<Ending>;
  ending: Ending | undefined;
  private nextId = 1;
  private readonly taken = new Set<Frame>();
  private readonly watchers = new Set<() => void>();

  private constructor(readonly socket: WebSocket) {
    socket.on('message', (bytes: Buffer) => {
      this.frames.push(JSON.parse(bytes.toString()) as Frame);
      for (const watcher of this.watchers) watcher();
    });
    socket.on('error', () => {});
    this.closed = new Promise((resolve) => {
      socket.once('close', (code, reason) => {
        this.ending = { code, reason: reason.toString() };
        resolve(this.ending);
        for (const watcher of this.watchers) watcher();
      });
    });
  }

  /** Resolves once the socket is open. @throws UpgradeRefused */
  static open(url: string, { token, protocols = ['hubbub.v1'], ...options }: ConnectOptions = {}): Promise<TestClient> {
    const headers = { ...options.headers, ...(token === undefined ? {} : { authorization: `Bearer ${token}` }) };
    const socket = new WebSocket(url, protocols, { ...options, headers });
    const client = new TestClient(socket);
    return new Promise((resolve, reject) => {
      socket.once('open', () => resolve(client));
      socket.once('error', reject);
      socket.once('unexpected-response', (_request, response) => {
        let body = '';
        response.on('data', (chunk: Buffer) => (body += chunk.toString()));
        response.on('end', () => reject(new UpgradeRefused(response.statusCode ?? 0, response.headers, body)));
      });
    });
  }

  /** Posts a command and returns the `data` of its reply. @throws CommandError if it is answered by an error */
  async command<T extends CommandType>(type: T, data?: CommandData<T>): Promise<ReplyData<T>>;
  async command(type: string, data?: unknown): Promise<Record<string, unknown>>;
  async command(type: string, data?: unknown): Promise<unknown> {
    const frame = await this.request(type, data);
    if (frame.message_type === 'error') throw new CommandError(frame.data as unknown as ErrorBody);
    return frame.data;
  }

  /** Posts a command and returns its answer, an error too. */
  request(type: string, data?: unknown): Promise<Frame> {
    const id = this.nextId++;
    this.sendFrame({ message_type: type, message_id: id, ...(data === undefined ? {} : { data }) });
    return this.nextFrame((frame) => frame.request_id === id);
  }

  /** Posts anything: a string or bytes as they are, everything else as JSON. */
  sendFrame(frame: unknown): void {
    this.socket.send(typeof frame === 'string' || Buffer.isBuffer(frame) ? frame : JSON.stringify(frame));
  }

  /** The `data` of the next push of a type that no test has taken yet. */
  async next<T extends PushType>(type: T, matches?: (data: PushData<T>) => boolean): Promise<PushData<T>> {
    const frame = await this.nextFrame(
      ({ message_type, request_id, data }) =>
        message_type === type && request_id === undefined && (matches?.(data as PushData<T>) ?? true),
    );
    return frame.data as PushData<T>;
  }

  /** The next frame that no test has taken yet. @throws once the connection has ended without it */
  async nextFrame(matches: (frame: Frame) => boolean = () => true): Promise<Frame> {
    const find = () => this.frames.find((frame) => !this.taken.has(frame) && matches(frame));
    await this.until(() => find() !== undefined || this.ending !== undefined);
    const frame = find();
    if (frame === undefined) throw new Error(`the connection ended with ${this.ending?.code} (${this.ending?.reason})`);
    this.taken.add(frame);
    return frame;
  }

  /** Resolves once `condition` holds; looked at with every frame and at the end of the connection. */
  until(condition: () => boolean): Promise<void> {
    if (condition()) return Promise.resolve();
    return new Promise((resolve) => {
      const watcher = () => {
        if (!condition()) return;
        this.watchers.delete(watcher);
        resolve();
      };
      this.watchers.add(watcher);
    });
  }

  /** Every push of a type that came so far. */
  pushes<T extends PushType>(type: T): PushData<T>[] {
    return this.frames
      .filter((frame) => frame.message_type === type && frame.request_id === undefined)
      .map((frame) => frame.data as PushData<T>);
  }

  /** A round trip: whatever was queued for this connection before has come. */
  async settle(): Promise<void> {
    await this.request('ping');
  }

  /** Ends the connection with a close frame. */
  async close(): Promise<Ending> {
    if (this.ending === undefined) this.socket.close(1000);
    return this.closed;
  }

  /** Ends the connection as a network does: without a close frame. */
  async vanish(): Promise<Ending> {
    this.socket.terminate();
    return this.closed;
  }
}
