/**
 * A map of at most `limit` entries; those not used for long go first, half of them at once. A hit is one look-up: moving
 * the entry to the end each time would leave a trace in V8's map, and a much used key would be found the more slowly.
 */
export class LruMap<K, V> {
  /** What was used since half of the room was last full. */
  private recent = new Map<K, V>();
  private earlier = new Map<K, V>();

  /** @param limit asked whenever something is added */
  constructor(private readonly limit: () => number) {}

  get(key: K): V | undefined {
    const value = this.recent.get(key);
    if (value !== undefined) return value;
    const older = this.earlier.get(key);
    if (older !== undefined) this.set(key, older);
    return older;
  }

  set(key: K, value: V): void {
    this.recent.set(key, value);
    if (this.recent.size < (this.limit() + 1) / 2) return;
    this.earlier = this.recent;
    this.recent = new Map();
  }

  delete(key: K): void {
    this.recent.delete(key);
    this.earlier.delete(key);
  }

  clear(): void {
    this.recent.clear();
    this.earlier.clear();
  }
}
