import type { Load } from '../cache.js';
import { type CacheOptions, MemoryCache } from '../memory-cache.js';
import type { RedisStore } from './redis-store.js';

/** A cache in memory before one in Redis, which all nodes share: what one has read, the others need not. */
export class RedisCache<V> extends MemoryCache<V> {
  /** How many invalidations of a key are under way here: Redis may still have what was before. */
  private readonly invalidating = new Map<string, number>();

  constructor(
    private readonly kind: string,
    private readonly store: RedisStore,
    options: CacheOptions,
  ) {
    super(options);
  }

  protected override async spread(key: string): Promise<boolean> {
    this.invalidating.set(key, (this.invalidating.get(key) ?? 0) + 1);
    try {
      // First: a node that has forgotten it must not find it there again.
      const isRemoved = await this.store.remove(this.name(key));
      return (await super.spread(key)) && isRemoved;
    } finally {
      const left = (this.invalidating.get(key) ?? 1) - 1;
      if (left > 0) this.invalidating.set(key, left);
      else this.invalidating.delete(key);
    }
  }

  protected override async read(key: string, load: Load<V>): Promise<V | null> {
    if (!this.isSure || this.invalidating.has(key)) return super.read(key, load);
    const slot = await this.store.open(this.name(key), this.options.limits.ttlS);
    if (slot?.text !== undefined) {
      this.options.hits.inc();
      return JSON.parse(slot.text) as V;
    }
    const value = await super.read(key, load);
    if (slot !== null && value !== null) await slot.fill(JSON.stringify(value));
    return value;
  }

  /** Those of other databases, and of generations before, are not touched. */
  private name(key: string): string {
    return `${this.options.contact.generation}:${this.kind}:${key}`;
  }
}
