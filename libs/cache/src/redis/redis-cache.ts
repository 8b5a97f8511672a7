import type { Load } from '../cache.js';
import { type CacheOptions, MemoryCache } from '../memory-cache.js';
import type { RedisStore } from './redis-store.js';

/** A cache in memory before one in Redis, which all nodes share: what one has read, the others need not. */
export class RedisCache<V> extends MemoryCache<V> {
  constructor(
    private readonly kind: string,
    private readonly store: RedisStore,
    options: CacheOptions,
  ) {
    super(options);
  }

  protected override async spread(key: string): Promise<boolean> {
    // First: a node that has forgotten it must not find it there again. This one asks on the same connection, after it.
    const isRemoved = await this.store.remove(`${this.kind}:${key}`);
    return (await super.spread(key)) && isRemoved;
  }

  protected override async read(key: string, load: Load<V>): Promise<V | null> {
    const { contact, limits } = this.options;
    if (!this.isSure) return super.read(key, load);
    const slot = await this.store.open(`${this.kind}:${key}`, `${contact.generation}`, limits.ttlS);
    if (slot?.text !== undefined) {
      this.options.hits.inc();
      return JSON.parse(slot.text) as V;
    }
    const value = await super.read(key, load);
    if (slot !== null && value !== null) await slot.fill(JSON.stringify(value));
    return value;
  }
}
