import type { Count } from '@hubbub/observability';
import { Cache, type Found, type Load } from './cache.js';
import type { Contact } from './contact.js';
import { LruMap } from './lru-map.js';
import { Stamps } from './stamps.js';

export interface CacheOptions {
  readonly contact: Contact;
  /** Read whenever they are needed. */
  readonly limits: { readonly ttlS: number; readonly maxEntries: number };
  readonly hits: Pick<Count, 'inc'>;
  readonly misses: Pick<Count, 'inc'>;
  /** Makes all nodes `forget` a key. @returns whether all have confirmed. Never rejects */
  tell(key: string): Promise<boolean>;
}

interface Reading {
  /** When it began: what was read is not older than that. */
  readonly at: number;
  readonly generation: number | null;
  readonly isCurrent: boolean;
}

interface Entry<V> extends Reading {
  readonly value: V;
}

interface Loading<V> {
  readonly reading: Reading;
  readonly done: Promise<Entry<V> | null>;
}

/** A cache in the memory of this node. */
export class MemoryCache<V> extends Cache<V> {
  private readonly entries: LruMap<string, Entry<V>>;
  private readonly loading = new Map<string, Loading<V>>();
  private readonly stamps = new Stamps();

  constructor(protected readonly options: CacheOptions) {
    super();
    this.entries = new LruMap(() => options.limits.maxEntries);
  }

  override peek(key: string): Found<V> | undefined {
    const entry = this.entries.get(key);
    if (entry === undefined || !this.counts(entry)) return undefined;
    this.options.hits.inc();
    return entry;
  }

  override async get(key: string, load: Load<V>): Promise<Found<V> | null> {
    const known = this.peek(key);
    if (known !== undefined) return known;
    const shared = this.loading.get(key);
    if (shared !== undefined && this.counts(shared.reading)) {
      const found = await shared.done;
      // Where there was nothing, it may have been made before this was asked: nobody is told of that.
      if (found !== null) {
        this.options.hits.inc();
        return found;
      }
    }
    return this.begin(key, load);
  }

  override forget(key: string): void {
    this.entries.delete(key);
    this.stamps.change(key);
  }

  override clear(): void {
    this.entries.clear();
    this.stamps.changeAll();
  }

  override async invalidate(key: string): Promise<void> {
    this.forget(key);
    if (!(await this.spread(key))) await this.options.contact.renounce();
  }

  /** Makes everybody else forget a key. @returns whether that is sure. Never rejects */
  protected spread(key: string): Promise<boolean> {
    return this.options.tell(key);
  }

  /** Reads what is not in memory. */
  protected read(_key: string, load: Load<V>): Promise<V | null> {
    this.options.misses.inc();
    return load();
  }

  /** Whether this node is sure of the generation. */
  protected get isSure(): boolean {
    const { generation, until } = this.options.contact;
    return generation !== null && performance.now() < until;
  }

  private begin(key: string, load: Load<V>): Promise<Found<V> | null> {
    const reading = new StampedReading(this.stamps, this.stamps.placeOf(key), this.options.contact);
    const done = this.load(key, reading, load);
    const loading = { reading, done };
    this.loading.set(key, loading);
    const end = () => {
      if (this.loading.get(key) === loading) this.loading.delete(key);
    };
    done.then(end, end);
    return done;
  }

  private async load(key: string, reading: StampedReading, load: Load<V>): Promise<Entry<V> | null> {
    const value = await this.read(key, load);
    if (value === null) return null;
    const entry = Object.assign(reading, { value });
    if (this.counts(entry)) this.entries.set(key, entry);
    return entry;
  }

  private counts({ generation, isCurrent, at }: Reading): boolean {
    if (generation === null || !isCurrent) return false;
    const now = performance.now();
    const { contact, limits } = this.options;
    return now < contact.until && now - at < limits.ttlS * 1000;
  }
}

class StampedReading implements Reading {
  readonly at = performance.now();
  readonly generation: number | null;
  private readonly stamp: number;

  constructor(
    private readonly stamps: Stamps,
    private readonly place: number,
    private readonly contact: Contact,
  ) {
    this.generation = contact.generation;
    this.stamp = stamps.at(place);
  }

  get isCurrent(): boolean {
    return this.generation === this.contact.generation && this.stamp === this.stamps.at(this.place);
  }
}
