import { Redis, type RedisOptions } from 'ioredis';
import type { BrokerLink, LinkEvents } from '../broker/broker-link.js';
import { MAX_PAYLOAD_BYTES } from '../bus.js';
import { isWildcard, subjectMatches } from '../subject-match.js';
import { redisGlob } from './redis-glob.js';

const MAX_RETRY_MS = 250;
/** Patterns asked for by one command after a reconnection. */
const RESUBSCRIBE_CHUNK = 500;

const OPTIONS: RedisOptions = {
  lazyConnect: true,
  connectTimeout: 2000,
  retryStrategy: (attempt) => Math.min(25 * attempt, MAX_RETRY_MS),
  // Nothing waits for Redis to be back: what was published is not sent late, and subscriptions are made anew from our own list.
  enableOfflineQueue: false,
  autoResendUnfulfilledCommands: false,
  autoResubscribe: false,
  maxRetriesPerRequest: 0,
};

/** Two connections to Redis, as one that is subscribed cannot publish. */
export class RedisLink implements BrokerLink {
  readonly type = 'redis';
  readonly maxFrameBytes = MAX_PAYLOAD_BYTES + 1024;
  isConnected = false;
  private readonly publisher: Redis;
  private readonly subscriber: Redis;
  /** By what Redis is asked for: several patterns of ours may share one of its. */
  private readonly patterns = new Map<string, Set<string>>();
  private events!: LinkEvents;
  private reason: unknown;

  /** @param url as `redis://user:password@host:6379`, or `rediss://` for TLS */
  constructor(url: string, connectionName: string) {
    this.publisher = new Redis(url, { ...OPTIONS, connectionName });
    this.subscriber = new Redis(url, { ...OPTIONS, connectionName });
  }

  open(events: LinkEvents): void {
    this.events = events;
    for (const connection of [this.publisher, this.subscriber]) {
      connection.on('ready', () => this.ready());
      connection.on('error', (error: Error) => (this.reason = error));
      connection.on('close', () => this.lost());
      connection.connect().catch(ignored);
    }
    this.subscriber.on('messageBuffer', (channel: Buffer, payload: Buffer) => {
      const subject = channel.toString();
      this.events.message(subject, subject, payload);
    });
    this.subscriber.on('pmessageBuffer', (glob: Buffer | string, channel: Buffer, payload: Buffer) => {
      const subject = channel.toString();
      for (const pattern of this.patterns.get(glob.toString()) ?? []) {
        if (subjectMatches(pattern, subject)) this.events.message(pattern, subject, payload);
      }
    });
  }

  publish(subject: string, payload: Uint8Array): void {
    const { stream } = this.publisher;
    if (stream.writableCorked === 0) {
      // One write for all that is published in a turn.
      stream.cork();
      setImmediate(() => stream.uncork());
    }
    this.publisher.publish(subject, asBuffer(payload)).catch(ignored);
  }

  async subscribe(pattern: string): Promise<void> {
    const [name, shared] = this.patternsLike(pattern);
    shared.add(pattern);
    if (this.subscriber.status !== 'ready') return;
    await (isWildcard(pattern) ? this.subscriber.psubscribe(name) : this.subscriber.subscribe(name));
  }

  unsubscribe(pattern: string): void {
    const [name, shared] = this.patternsLike(pattern);
    shared.delete(pattern);
    if (shared.size > 0) return;
    this.patterns.delete(name);
    if (this.subscriber.status !== 'ready') return;
    (isWildcard(pattern) ? this.subscriber.punsubscribe(name) : this.subscriber.unsubscribe(name)).catch(ignored);
  }

  async ping(): Promise<void> {
    await Promise.all([this.publisher.ping(), this.subscriber.ping()]);
  }

  reset(): void {
    for (const connection of [this.publisher, this.subscriber]) connection.stream.destroy();
  }

  async close(): Promise<void> {
    this.isConnected = false;
    this.events = { up: ignored, down: ignored, message: ignored };
    for (const connection of [this.publisher, this.subscriber]) connection.disconnect();
  }

  private ready(): void {
    if (this.publisher.status !== 'ready' || this.subscriber.status !== 'ready') return;
    const names = [...this.patterns.keys()];
    for (const [wild, ask] of [
      [false, this.subscriber.subscribe.bind(this.subscriber)],
      [true, this.subscriber.psubscribe.bind(this.subscriber)],
    ] as const) {
      const asked = names.filter((name) => isWildcard(name) === wild);
      for (let n = 0; n < asked.length; n += RESUBSCRIBE_CHUNK) {
        ask(...asked.slice(n, n + RESUBSCRIBE_CHUNK)).catch(ignored);
      }
    }
    this.isConnected = true;
    this.events.up();
  }

  private lost(): void {
    this.isConnected = false;
    this.events.down(this.reason ?? 'disconnected');
    this.reason = undefined;
  }

  private patternsLike(pattern: string): [name: string, patterns: Set<string>] {
    const name = isWildcard(pattern) ? redisGlob(pattern) : pattern;
    let shared = this.patterns.get(name);
    if (shared === undefined) this.patterns.set(name, (shared = new Set()));
    return [name, shared];
  }
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function ignored(): void {
  // The connection is lost: told by its `close`.
}
