import { NatsAccess, subjectMatches } from '@hubbub/bus';
import { HubbubConfig } from '@hubbub/config';
import { Metrics } from '@hubbub/observability';
import { HubbubError, MAX_NESTING, nestsDeeperThan } from '@hubbub/protocol';
import { Drain, RawJson, toHubbubError } from '@hubbub/transport';
import type { Msg, NatsConnection, Subscription } from '@nats-io/transport-node';
import { Inject, Injectable } from '@nestjs/common';
import { type MessageHandler, RpcException, Server } from '@nestjs/microservices';
import { type Observable, throwError } from 'rxjs';
import { COMMAND_TRANSPORT, CommandContext } from '../commands/command-context.js';

const PREFIX = 'hubbub.cmd.';
/** All commands, so that one that nobody handles is answered too. */
const SUBJECTS = `${PREFIX}>`;
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
  private subscription: Subscription | null = null;
  private stopListening: (() => void) | null = null;
  private underWay = 0;
  private whenIdle: (() => void) | null = null;
  private unsubscribed: Promise<void> | undefined;

  constructor(
    @Inject(NatsAccess) private readonly nats: NatsAccess | null,
    private readonly config: HubbubConfig,
    private readonly metrics: Metrics,
    drain: Drain,
  ) {
    super();
    // The other nodes go on; what has come here is answered from here.
    drain.onStart(() => this.leave());
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
    this.leave();
  }

  on(): void {}

  unwrap<T>(): T {
    return this.nats?.connection as T;
  }

  private subscribe(connection: NatsConnection): void {
    this.subscription?.unsubscribe();
    const callback = (error: Error | null, message: Msg) => {
      if (error === null) void this.take(message);
    };
    this.subscription = connection.subscribe(SUBJECTS, { queue: QUEUE, callback });
  }

  /** Takes nothing more but what the broker has handed to this node already. */
  private leave(): void {
    this.stopListening?.();
    const { subscription } = this;
    this.subscription = null;
    if (this.nats?.isConnected) this.unsubscribed ??= subscription?.drain().catch(() => undefined);
    else subscription?.unsubscribe();
  }

  /** Never rejects: whatever somebody sends, he alone is told what is wrong with it. */
  private async take(message: Msg): Promise<void> {
    // None until it is read: Nest's client takes an answer without one, and none with another than its own.
    let id: string | undefined;
    this.underWay++;
    try {
      this.check(message);
      const text = message.string();
      const request = readRequest(text);
      ({ id } = request);
      const context = new CommandContext(message.subject, message.headers, text, request.path);
      const handler = this.handlerOf(message.subject);
      await this.answer(handler, request.data, context, (answer) => message.respond(encodeAnswer(answer, id)));
    } catch (error) {
      const known = toHubbubError(error);
      this.metrics.serviceCommands.inc({ type: 'unknown', code: known.code });
      if (known.name === 'Unknown') {
        this.logger.error({ msg: 'command of a service failed', subject: message.subject, err: known.cause });
      }
      message.respond(encodeAnswer({ err: known, isDisposed: true }, id));
    } finally {
      if (--this.underWay === 0) this.whenIdle?.();
    }
  }

  /** @throws HubbubError UnknownType */
  private handlerOf(subject: string): MessageHandler {
    const handler = this.messageHandlers.get(subject);
    if (handler !== undefined) return handler;
    for (const [pattern, found] of this.messageHandlers) if (subjectMatches(pattern, subject)) return found;
    throw new HubbubError('UnknownType');
  }

  /** Resolves with the last answer. @throws what an answer could not be given for */
  private async answer(
    handler: MessageHandler,
    data: unknown,
    context: CommandContext,
    respond: (answer: Answer) => void,
  ): Promise<void> {
    const answers = this.transformToObservable(await handler(data, context).catch(passedOn));
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
    await this.unsubscribed;
    if (this.underWay > 0) await new Promise<void>((resolve) => (this.whenIdle = resolve));
    if (this.nats?.isConnected) await this.nats.connection?.flush();
  }
}

/** A filter for another transport throws what is not its own: what was thrown for who asked is still for him. */
function passedOn(error: unknown): Observable<never> {
  if (error instanceof RpcException) return throwError(() => error.getError());
  throw error;
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
