/** What was found for a key. */
export interface Found<V> {
  readonly value: V;
  /** Whether nobody is known to have changed it since. Ask in the turn in which `value` is used. */
  readonly isCurrent: boolean;
}

/** Reads a value from the database; null: there is none. */
export type Load<V> = () => Promise<V | null>;

/**
 * Answers of the database that are remembered, so that they are asked for once: at most `cache.max_entries` of a kind, each
 * for `cache.ttl_s` at most. What does not exist is never remembered, so what is made needs no `invalidate`.
 *
 * **Nobody is answered with what was read before a change whose `invalidate` has resolved.** It holds because
 * - a load under way is marked by an invalidation like an entry: what it read is not kept, and nobody else joins it. In Redis
 *   a load leaves a mark before it reads; whoever invalidates removes it, and a value takes the place of its own mark only.
 * - `invalidate` resolves when Redis has done it and after it every living node has confirmed it. If one has not, as the bus
 *   or Redis is away, a new *generation* begins in the database, and `invalidate` waits until no node relies on the one before:
 *   each looks at the generation all the time, and one that has not for a while asks the database itself.
 * - a node relies on its memory only once all others that are sure of the generation know it: they wait for its confirmation.
 * - a node that ends in whatever way begins a generation too: it may have stored what it told nobody.
 */
export abstract class Cache<V> {
  /** What is in memory and counts; no database, no Redis. */
  abstract peek(key: string): Found<V> | undefined;

  /**
   * What is known of `key`, or else what `load` reads; those who ask meanwhile get the same. Null if there is nothing.
   * @throws whatever `load` throws; Redis being away is no error
   */
  abstract get(key: string, load: Load<V>): Promise<Found<V> | null>;

  /** Drops it from the memory of this node in this turn. */
  abstract forget(key: string): void;

  /** Drops everything from the memory of this node. */
  abstract clear(): void;

  /**
   * Drops it everywhere; here in this turn. To be called after the commit of what changed it, and before anybody is told so.
   * @throws HubbubError ServerError: somebody could not be told, and the database is away, too
   */
  abstract invalidate(key: string): Promise<void>;
}
