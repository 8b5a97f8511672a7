import { Control, NodeInfo } from '@hubbub/bus';
import { HubbubConfig } from '@hubbub/config';
import { HealthRegistry, Metrics } from '@hubbub/observability';
import { Injectable, Logger, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import type { Cache } from './cache.js';
import type { Contact } from './contact.js';
import { type CacheOptions, MemoryCache } from './memory-cache.js';
import type { RedisCache } from './redis/redis-cache.js';
import type { RedisStore } from './redis/redis-store.js';

const CONTROL = 'cache.forget';

/** The code of Redis is not even loaded where it is not used. */
export interface SharedCaches {
  readonly store: RedisStore;
  readonly Cache: typeof RedisCache;
}

/** Makes the caches, and makes the other nodes forget what this one has changed. */
@Injectable()
export class Caches implements OnModuleInit, OnApplicationShutdown {
  private readonly logger = new Logger('Cache');
  private readonly caches = new Map<string, Cache<unknown>>();

  constructor(
    private readonly config: HubbubConfig,
    private readonly node: NodeInfo,
    private readonly control: Control,
    private readonly metrics: Metrics,
    private readonly health: HealthRegistry,
    private readonly contact: Contact,
    /** Null where everything is in memory. */
    private readonly shared: SharedCaches | null,
  ) {}

  onModuleInit(): void {
    this.control.handle(CONTROL, ({ kind, key }: { kind: string; key: string }) => this.caches.get(kind)?.forget(key));
    const { shared } = this;
    if (shared === null) return;
    // Never keeps the node from being ready: without it the database is asked.
    const check = async () => ({ type: 'redis', degraded: shared.store.isAway });
    this.health.register({ name: 'cache', ready: false, check });
  }

  onApplicationShutdown(): void {
    this.shared?.store.close();
  }

  /** A cache of things of one kind; each kind once. Values are plain JSON, immutable. */
  make<V>(kind: string): Cache<V> {
    const { config, contact, metrics, shared } = this;
    const options: CacheOptions = {
      contact,
      limits: {
        get ttlS() {
          return config.cache.ttlS;
        },
        get maxEntries() {
          return config.cache.maxEntries;
        },
      },
      hits: metrics.cacheHits.of({ type: kind }),
      misses: metrics.cacheMisses.of({ type: kind }),
      tell: (key) => this.tell(kind, key),
    };
    const cache = shared === null ? new MemoryCache<V>(options) : new shared.Cache<V>(kind, shared.store, options);
    this.caches.set(kind, cache);
    return cache;
  }

  private async tell(kind: string, key: string): Promise<boolean> {
    if (!this.node.clustered) return true;
    // Otherwise there may be nodes that nobody waits for.
    const knowsAll = performance.now() < this.contact.until;
    try {
      const { unconfirmed } = await this.control.call(CONTROL, { kind, key });
      if (unconfirmed.length === 0) return knowsAll;
      this.logger.warn({
        msg: 'not all nodes could be told of a change: none relies on what it remembers',
        unconfirmed,
      });
    } catch (error) {
      this.logger.warn({ msg: 'no node could be told of a change: none relies on what it remembers', err: error });
    }
    return false;
  }
}
