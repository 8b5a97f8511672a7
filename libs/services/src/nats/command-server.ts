import { NatsAccess } from '@hubbub/bus';
import { HubbubConfig } from '@hubbub/config';
import { HubbubError, MAX_NESTING, nestsDeeperThan } from '@hubbub/protocol';
import { Drain, RawJson, toHubbubError } from '@hubbub/transport';
import type { Msg, NatsConnection, Subscription } from '@nats-io/transport-node';
import { Inject, Injectable } from '@nestjs/common';
import { type MessageHandler, Server } from '@nestjs/microservices';
import { COMMAND_TRANSPORT, CommandContext } from '../commands/command-context.js';

const PREFIX = 'hubbub.cmd.';
/** One node of those that listen gets a command. */
const QUEUE = 'hubbub';
/** Commands under way at this node. */
const MAX_UNDER_WAY = 1000;
const BUSY_MS = 100;
/** Room for what is around a content of `limits.max_message_bytes`, a token among it. */
const ALLOWANCE_BYTES = 8192;

/** What Nest's clients put around a payload, and what others need not. */
interface Packet {
  readonly id?: string;
  readonly data?: unknown;
  readonly pattern?: unknown;
}

interface Answer {
  readonly response?: unknown;
  readonly err?: unknown;
  readonly isDisposed?: boolean;
}

/**
 * The side of a hybrid application that answers services over NATS, on the connection of the bus: commands of Hubbub, and
 * those that an application adds under `hubbub.cmd.`. It takes packets of Nest's clients and plain JSON alike.
 */
@Injectable()
export class CommandServer extends Server {
  override readonly transportId = COMMAND_TRANSPORT;
  private subscriptions: Subscription[] = [];
  private stopListening: (() => void) | null = null;
  private underWay = 0;
  private whenIdle: (() => void) | null = null;

  constructor(
    @Inject(NatsAccess) private readonly nats: NatsAccess | null,
    private readonly config: HubbubConfig,
    drain: Drain,
  ) {
    super();
    // The other nodes go on; what has begun here is answered from here.
    drain.onStart(() => this.unsubscribe());
    drain.onFlush(() => this.idle());
  }

  /** Patterns of an application's own that are no commands of ours are for its own servers. */
  override addHandler(pattern: string, handler: MessageHandler, isEvent?: boolean, extras?: Record<string, unknown>) {
    if (typeof pattern === 'string' && pattern.startsWith(PREFIX)) super.addHandler(pattern, handler, isEvent, extras);
  }

  async listen(done: (error?: unknown) => void): Promise<void> {
    this.stopListening ??= this.nats?.onConnection((connection) => this.subscribe(connection)) ?? null;
    if (this.nats?.isConnected) await this.nats.connection?.flush();
    done();
  }

  close(): void {
    this.unsubscribe();
  }

  on(): void {}

  unwrap<T>(): T {
    return this.nats?.connection as T;
  }

  private subscribe(connection: NatsConnection): void {
    for (const subscription of this.subscriptions.splice(0)) subscription.unsubscribe();
    for (const pattern of this.messageHandlers.keys()) {
      const callback = (error: Error | null, message: Msg) => {
        if (error === null) void this.take(pattern, message);
      };
      this.subscriptions.push(connection.subscribe(pattern, { queue: QUEUE, callback }));
    }
  }

  private unsubscribe(): void {
    this.stopListening?.();
    for (const subscription of this.subscriptions.splice(0)) subscription.unsubscribe();
  }

  /** Never rejects: whatever somebody sends, he alone is told what is wrong with it. */
  private async take(pattern: string, message: Msg): Promise<void> {
    let id = message.reply;
    this.underWay++;
    try {
      this.check(message);
      const text = message.string();
      const request = readRequest(text);
      if (request.id !== undefined) id = request.id;
      const context = new CommandContext(message.subject, message.headers, text, request.path);
      await this.answer(pattern, request.data, context, (answer) => message.respond(encodeAnswer(answer, id)));
    } catch (error) {
      const known = toHubbubError(error);
      if (known.name === 'Unknown')
        this.logger.error({ msg: 'command of a service failed', pattern, err: known.cause });
      message.respond(encodeAnswer({ err: known, isDisposed: true }, id));
    } finally {
      if (--this.underWay === 0) this.whenIdle?.();
    }
  }

  /** Resolves with the last answer. @throws what an answer could not be given for */
  private async answer(
    pattern: string,
    data: unknown,
    context: CommandContext,
    respond: (answer: Answer) => void,
  ): Promise<void> {
    const answers = this.transformToObservable(await this.getHandlerByPattern(pattern)?.(data, context));
    await new Promise<void>((resolve, reject) => {
      this.send(answers, (answer: Answer) => {
        try {
          respond(answer);
          if (answer.isDisposed) resolve();
        } catch (error) {
          reject(error);
        }
      });
    });
  }

  private check(message: Msg): void {
    if (this.underWay > MAX_UNDER_WAY) throw new HubbubError('RateLimited', { retryAfterMs: BUSY_MS });
    if (message.data.length > this.config.limits.maxMessageBytes + ALLOWANCE_BYTES) {
      throw new HubbubError('MessageTooLarge');
    }
  }

  private async idle(): Promise<void> {
    if (this.underWay > 0) await new Promise<void>((resolve) => (this.whenIdle = resolve));
  }
}

/** @throws HubbubError InvalidFormat */
function readRequest(text: string): { id: string | undefined; data: unknown; path: string[] } {
  let value: unknown;
  try {
    value = text === '' ? {} : JSON.parse(text);
  } catch {
    throw new HubbubError('InvalidFormat', { message: 'The request is not JSON.' });
  }
  if (nestsDeeperThan(text, MAX_NESTING)) {
    throw new HubbubError('InvalidFormat', { message: `The request nests deeper than ${MAX_NESTING} levels.` });
  }
  if (isPacket(value)) return { id: value.id, data: value.data, path: ['data'] };
  return { id: undefined, data: value, path: [] };
}

function isPacket(value: unknown): value is Packet {
  return typeof value === 'object' && value !== null && 'pattern' in value;
}

/** Answers in the form of Nest's clients; JSON text goes as it is. @throws TypeError for what JSON cannot hold */
function encodeAnswer({ response, ...answer }: Answer, id: string | undefined): string {
  const rest = JSON.stringify({ ...answer, id });
  if (response === undefined) return rest;
  const text = response instanceof RawJson ? response.text : JSON.stringify(response);
  return `{"response":${text},${rest.slice(1)}`;
}
