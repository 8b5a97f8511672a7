import { randomUUID } from 'node:crypto';
import { Logger } from '@nestjs/common';
import { Redis, type RedisOptions } from 'ioredis';

/** A value that takes longer is sooner read from the database. */
const PATIENCE_MS = 250;
/** After a failure nobody waits for Redis for so long. */
const PAUSE_MS = 1000;
const VALUE = 'v';
const MARK = 'm';

const OPTIONS: RedisOptions = {
  lazyConnect: true,
  connectTimeout: 2000,
  commandTimeout: PATIENCE_MS,
  retryStrategy: (attempt) => Math.min(25 * attempt, PATIENCE_MS),
  // Nothing waits for Redis to be back, and nothing is done later that was given up.
  enableOfflineQueue: false,
  autoResendUnfulfilledCommands: false,
  maxRetriesPerRequest: 0,
};

/** The value of the generation, or else a mark in its place: one's own, or that of somebody who began to load it. */
const OPEN = `local found = redis.call('GET', KEYS[1])
if found and (string.sub(found, 1, 1) == '${MARK}' or string.sub(found, 1, #ARGV[3]) == ARGV[3]) then return found end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return ARGV[1]`;

/** A value in place of its mark. */
const FILL = `if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
return 1`;

export interface Slot {
  /** Undefined where there is none. */
  readonly text?: string;
  /** Stores what was read since, unless the key was removed meanwhile. Never rejects. */
  fill(text: string): Promise<void>;
}

/**
 * Texts by key in Redis, each of a generation. One key whatever the generation is: nodes learn of a new one at different
 * times, and what one removes is to be gone for all. Where Redis is away, or was started again since, there are none.
 */
export class RedisStore {
  private readonly logger = new Logger('Cache');
  private readonly redis: Redis;
  /** Of this run of Redis: one that comes back with a snapshot has forgotten what was removed after that. Null while it is away. */
  private run: string | null = null;
  private pausedUntil = 0;
  private connecting: Promise<void> | undefined;

  /**
   * @param url as `redis://user:password@host:6379/0`, or `rediss://` for TLS
   * @param prefix of all keys
   */
  constructor(
    url: string,
    private readonly prefix = 'hubbub:cache:',
  ) {
    this.redis = new Redis(url, OPTIONS);
    this.redis.on('close', () => this.lost('disconnected'));
    this.redis.on('error', (error: Error) => this.lost(error));
  }

  /** Connects. Waits for Redis, but not for long: a node starts without it, too. */
  async opened(): Promise<this> {
    this.redis.on('ready', () => {
      this.connecting = this.recognise();
    });
    await this.redis.connect().catch(ignored);
    await this.connecting;
    if (this.isAway) this.logger.warn({ msg: 'Redis away: the database is asked instead' });
    return this;
  }

  get isAway(): boolean {
    return this.run === null || performance.now() < this.pausedUntil;
  }

  /** What there is of this generation. Null while Redis is away. Never rejects. */
  async open(key: string, generation: string, ttlS: number): Promise<Slot | null> {
    const name = this.name(key);
    if (name === null) return null;
    const ttlMs = ttlS * 1000;
    const head = `${VALUE}${generation} `;
    const found = await this.ask(() => this.redis.eval(OPEN, 1, name, MARK + randomUUID(), ttlMs, head));
    if (typeof found !== 'string') return null;
    if (found.startsWith(head)) return { text: found.slice(head.length), fill: async () => {} };
    return {
      fill: async (text) => {
        await this.ask(() => this.redis.eval(FILL, 1, name, found, head + text, ttlMs));
      },
    };
  }

  /** @returns whether it is gone for sure. Never rejects */
  async remove(key: string): Promise<boolean> {
    const name = this.name(key);
    return name !== null && typeof (await this.ask(() => this.redis.del(name))) === 'number';
  }

  close(): void {
    this.redis.disconnect();
  }

  private name(key: string): string | null {
    return this.isAway ? null : `${this.prefix}${this.run}:${key}`;
  }

  /** Undefined for a failure. */
  private async ask(work: () => Promise<unknown>): Promise<unknown> {
    try {
      return await work();
    } catch (error) {
      this.lost(error);
      this.pausedUntil = performance.now() + PAUSE_MS;
      return undefined;
    }
  }

  private async recognise(): Promise<void> {
    try {
      this.run = /^run_id:(\w+)/m.exec(await this.redis.info('server'))?.[1] ?? null;
      this.pausedUntil = 0;
    } catch {
      // It does not answer: with the next connection it is asked again.
      this.redis.disconnect(true);
    }
  }

  private lost(reason: unknown): void {
    if (!this.isAway) this.logger.warn({ msg: 'Redis away: the database is asked instead', reason });
    if (this.redis.status !== 'ready') this.run = null;
  }
}

function ignored(): void {
  // It is tried again.
}
