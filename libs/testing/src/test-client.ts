import type { CommandData, CommandType, ErrorBody, MessageId, PushData, PushType, ReplyData } from '@hubbub/protocol';
import { type ClientOptions, WebSocket } from 'ws';
import { Arrivals } from './arrivals.js';

/** An outbound frame as it came. */
export interface Frame {
  readonly message_type: string;
  readonly request_id?: MessageId;
  readonly data: Record<string, unknown>;
  readonly timestamp: number;
}

/** A command as it was posted. */
export interface Posted {
  readonly type: string;
  readonly data: unknown;
}

/** A type that an application has added. */
export type CustomType<T extends string, Known extends string> = T extends Known ? never : T;

/** The `error` frame that a command was answered with. */
export class CommandError extends Error {
  readonly code: number;
  constructor(readonly body: ErrorBody) {
    super(`${body.name}: ${body.message}${body.details === undefined ? '' : ` ${JSON.stringify(body.details)}`}`);
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
  /** Of the client, in the words of a failure. @default 'the client' */
  readonly name?: string;
  /** Longest time that `next`, `command` and `until` wait, in ms. @default 4000, or TEST_PATIENCE_MS of the environment */
  readonly patienceMs?: number;
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
 * A client that hides nothing: what it sends is what the test says, and every frame is kept in the order it came. Waiting
 * is for frames; what never comes fails after a while in words that say what came instead.
 */
export class TestClient implements AsyncDisposable {
  readonly closed: Promise<Ending>;
  ending: Ending | undefined;
  readonly name: string;
  /** Every command so far, by its id. */
  readonly posted = new Map<MessageId, Posted>();
  private readonly arrivals: Arrivals<Frame>;
  private nextId = 1;

  private constructor(
    readonly socket: WebSocket,
    { name = 'the client', patienceMs }: ConnectOptions,
  ) {
    this.name = name;
    this.arrivals = new Arrivals({ name, patienceMs, kindOf, inWords: (frame) => this.inWords(frame) });
    socket.on('message', (bytes: Buffer) => this.arrivals.add(JSON.parse(bytes.toString()) as Frame));
    socket.on('error', () => {});
    this.closed = new Promise((resolve) => {
      socket.once('close', (code, reason) => {
        this.ending = { code, reason: reason.toString() };
        resolve(this.ending);
        this.arrivals.end(`the connection ended with ${code} (${this.ending.reason || 'no reason'})`);
      });
    });
  }

  /** Resolves once the socket is open. @throws UpgradeRefused */
  static open(url: string, options: ConnectOptions = {}): Promise<TestClient> {
    const { token, protocols = ['hubbub.v1'], name: _, patienceMs: __, ...more } = options;
    const headers = { ...more.headers, ...(token === undefined ? {} : { authorization: `Bearer ${token}` }) };
    const socket = new WebSocket(url, protocols, { ...more, headers });
    const client = new TestClient(socket, options);
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

  /** Every frame so far. */
  get frames(): readonly Frame[] {
    return this.arrivals.all;
  }

  /** Posts a command and returns the `data` of its reply. @throws CommandError if it is answered by an error */
  async command<T extends CommandType>(type: T, data?: CommandData<T>): Promise<ReplyData<T>>;
  async command<Reply = Record<string, unknown>, T extends string = string>(
    type: CustomType<T, CommandType>,
    data?: unknown,
  ): Promise<Reply>;
  async command(type: string, data?: unknown): Promise<unknown> {
    return dataOf(await this.request(type, data));
  }

  /** Posts a command and returns its answer, an error too. */
  request(type: string, data?: unknown): Promise<Frame> {
    return this.answer(this.post(type, data), `the answer to ${type}`);
  }

  /**
   * Posts a command that is answered by a stream, once the first item is asked for, and yields the `data` of each item.
   * Who leaves the loop early cancels the stream.
   * @throws CommandError if it ends with an error
   */
  async *items<Item = Record<string, unknown>>(type: string, data?: unknown): AsyncGenerator<Item, void, undefined> {
    const id = this.post(type, data);
    let isOver = false;
    try {
      for (;;) {
        const frame = await this.answer(id, `the next item of ${type}`);
        isOver = frame.message_type !== `${type}_item`;
        if (frame.message_type === 'done') return;
        const item = dataOf(frame) as Item;
        if (isOver) throw new Error(`${type} was answered by ${frame.message_type}: it is no stream`);
        yield item;
      }
    } finally {
      if (!isOver && this.ending === undefined) await this.command('cancel', { request_id: id });
    }
  }

  /** Posts anything: a string or bytes as they are, everything else as JSON. */
  sendFrame(frame: unknown): void {
    this.socket.send(typeof frame === 'string' || Buffer.isBuffer(frame) ? frame : JSON.stringify(frame));
  }

  /** The `data` of the next push of a type that no test has taken yet. @throws Error that says what came instead */
  async next<T extends PushType>(type: T, matches?: (data: PushData<T>) => boolean): Promise<PushData<T>>;
  async next<Data = Record<string, unknown>, T extends string = string>(
    type: CustomType<T, PushType>,
    matches?: (data: Data) => boolean,
  ): Promise<Data>;
  async next(type: string, matches?: (data: never) => boolean): Promise<unknown> {
    const { data } = await this.arrivals.take({
      kind: type,
      what: `the push ${type}`,
      ...(matches && { matches: (frame: Frame) => matches(frame.data as never) }),
    });
    return data;
  }

  /** The next frame that no test has taken yet. @throws Error that says what came instead */
  nextFrame(matches: (frame: Frame) => boolean = () => true): Promise<Frame> {
    return this.arrivals.take({ matches, what: 'a frame' });
  }

  /** Resolves once `condition` holds; looked at with every frame and at the end of the connection. */
  until(condition: () => boolean, what?: string): Promise<void> {
    return this.arrivals.until(condition, what);
  }

  /** Every push of a type that came so far. */
  pushes<T extends PushType>(type: T): PushData<T>[];
  pushes<Data = Record<string, unknown>>(type: string): Data[];
  pushes(type: string): unknown[] {
    return this.arrivals.of(type).map(({ data }) => data);
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

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  private post(type: string, data: unknown): number {
    const id = this.nextId++;
    this.posted.set(id, { type, data });
    this.sendFrame({ message_type: type, message_id: id, ...(data === undefined ? {} : { data }) });
    return id;
  }

  private inWords({ message_type, request_id, data }: Frame): string {
    if (message_type !== 'error') return message_type;
    const command = request_id === undefined ? undefined : this.posted.get(request_id)?.type;
    return `error ${String(data['name'])}${command === undefined ? '' : ` (to ${command})`}`;
  }

  private answer(id: MessageId, what: string): Promise<Frame> {
    return this.arrivals.take({ kind: answerKind(id), what });
  }
}

/** The kind of the frames that answer a command. Types of messages have no blank in them. */
const answerKind = (id: MessageId) => `answer ${JSON.stringify(id)}`;
const kindOf = ({ message_type, request_id }: Frame) =>
  request_id === undefined ? message_type : answerKind(request_id);

function dataOf({ message_type, data }: Frame): unknown {
  if (message_type === 'error') throw new CommandError(data as unknown as ErrorBody);
  return data;
}
