import { HubbubError, type MessageId } from '@hubbub/protocol';
import { Injectable } from '@nestjs/common';
import { isObservable, type Observable } from 'rxjs';
import type { CommandConnection } from './command-connection.js';
import { iterate } from './observable-iterator.js';
import { encodeData } from './raw-json-reply.js';

/** Streams that one connection may have running; the next is answered RateLimited. */
export const MAX_STREAMS = 64;

export type StreamSource = AsyncIterable<unknown> | Observable<unknown>;

/** How a stream ended: with an error, by `cancel` or the end of its connection, or at its own end. */
export type StreamEnd = { readonly error: unknown } | { readonly cancelled: boolean };

export interface StreamOptions {
  readonly connection: CommandConnection;
  /** `<type>_item`. */
  readonly itemType: string;
  readonly requestId: MessageId | undefined;
  readonly source: StreamSource;
  /** Called once, synchronously with the end. */
  readonly onEnd: (end: StreamEnd) => void;
}

export function isStream(value: unknown): value is StreamSource {
  return typeof value === 'object' && value !== null && (Symbol.asyncIterator in value || isObservable(value));
}

/** Lets go of a stream that will not be read. */
export function discardStream(source: StreamSource): void {
  if (!isObservable(source)) stop(source[Symbol.asyncIterator]());
}

/** What it throws on the way out concerns nobody any more: its answer has been given. */
function stop(iterator: AsyncIterator<unknown>): void {
  try {
    iterator.return?.()?.then(undefined, () => undefined);
  } catch {
    // See above.
  }
}

/** One answer in many frames: reads its source as fast as the connection takes the items. */
class RunningStream {
  private readonly iterator: AsyncIterator<unknown>;
  private ended = false;

  constructor(
    readonly options: StreamOptions,
    private readonly forget: (stream: RunningStream) => void,
  ) {
    const { source } = options;
    this.iterator = isObservable(source) ? iterate(source) : source[Symbol.asyncIterator]();
  }

  async pump(): Promise<void> {
    const { connection, itemType, requestId } = this.options;
    try {
      for (;;) {
        const blocked = connection.whenWritable();
        if (blocked !== null) await blocked;
        if (this.ended) return;
        const item = await this.iterator.next();
        if (this.ended) return;
        if (item.done) {
          this.end({ cancelled: false });
          return;
        }
        connection.reply(itemType, encodeData(item.value), requestId);
      }
    } catch (error) {
      if (this.end({ error })) stop(this.iterator);
    }
  }

  cancel(): void {
    if (this.end({ cancelled: true })) stop(this.iterator);
  }

  private end(end: StreamEnd): boolean {
    if (this.ended) return false;
    this.ended = true;
    this.forget(this);
    this.options.onEnd(end);
    return true;
  }
}

/** The streams that are running, by connection. */
@Injectable()
export class Streams {
  private readonly running = new Map<CommandConnection, Set<RunningStream>>();

  /**
   * Sends the items of `source` until it ends.
   * @throws HubbubError InvalidMessageID while a stream with this id runs on the connection, RateLimited above
   * `MAX_STREAMS`; `source` is let go then
   */
  start(options: StreamOptions): void {
    const { connection, requestId, source } = options;
    let streams = this.running.get(connection);
    if (streams !== undefined && requestId !== undefined && this.find(connection, requestId) !== undefined) {
      discardStream(source);
      throw new HubbubError('InvalidMessageID', { message: 'A stream with this message_id is running.' });
    }
    if (streams !== undefined && streams.size >= MAX_STREAMS) {
      discardStream(source);
      throw new HubbubError('RateLimited', { message: 'Too many streams are running.', retryAfterMs: 1000 });
    }
    if (streams === undefined) {
      streams = new Set();
      this.running.set(connection, streams);
    }
    const stream = new RunningStream(options, (ended) => this.forget(ended));
    streams.add(stream);
    void stream.pump();
  }

  /** Ends the stream at once, whatever it waits for. False if there is none. */
  cancel(connection: CommandConnection, requestId: MessageId): boolean {
    const stream = this.find(connection, requestId);
    stream?.cancel();
    return stream !== undefined;
  }

  /** Ends all streams of a connection that has ended. */
  end(connection: CommandConnection): void {
    for (const stream of this.running.get(connection) ?? []) stream.cancel();
  }

  count(connection: CommandConnection): number {
    return this.running.get(connection)?.size ?? 0;
  }

  private find(connection: CommandConnection, requestId: MessageId): RunningStream | undefined {
    for (const stream of this.running.get(connection) ?? []) {
      if (stream.options.requestId === requestId) return stream;
    }
    return undefined;
  }

  private forget(stream: RunningStream): void {
    const { connection } = stream.options;
    const streams = this.running.get(connection);
    streams?.delete(stream);
    if (streams?.size === 0) this.running.delete(connection);
  }
}
