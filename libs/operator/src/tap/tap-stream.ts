import type { TapItem } from '@hubbub/protocol';
import { TokenBucket } from '@hubbub/transport';
import { ITEMS_PER_S } from './tap-options.js';

/** Items that wait for a connection that does not take them. */
const MAX_WAITING = 2 * ITEMS_PER_S;

/** The items of one tap on their way to its operator, of all nodes together: bounded in number, in a second and in memory. Pure. */
export class TapStream implements AsyncIterableIterator<TapItem> {
  private readonly bucket: TokenBucket;
  private readonly waiting: TapItem[] = [];
  private skipped = 0;
  private reader: PromiseWithResolvers<IteratorResult<TapItem>> | null = null;
  private over = false;
  private failure: { readonly error: unknown } | null = null;

  /** @param onEnd told once, however it ends */
  constructor(
    private readonly onEnd: () => void,
    now: number,
  ) {
    this.bucket = new TokenBucket(ITEMS_PER_S, ITEMS_PER_S, now);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  /** @param now ms, of any clock that goes on */
  add(item: TapItem, now: number): void {
    if (this.over) return;
    if (this.waiting.length >= MAX_WAITING || this.bucket.take(now) > 0) {
      this.skipped += 1 + (item.skipped ?? 0);
      return;
    }
    const skipped = this.skipped + (item.skipped ?? 0);
    this.skipped = 0;
    const value = skipped === 0 ? item : { ...item, skipped };
    if (this.reader === null) return void this.waiting.push(value);
    this.reader.resolve({ done: false, value });
    this.reader = null;
  }

  async next(): Promise<IteratorResult<TapItem>> {
    const value = this.waiting.shift();
    if (value !== undefined) return { done: false, value };
    if (this.failure !== null) throw this.failure.error;
    if (this.over) return { done: true, value: undefined };
    this.reader ??= withResolvers();
    return this.reader.promise;
  }

  /** Nobody reads on: it was cancelled, or its connection has ended. */
  async return(): Promise<IteratorResult<TapItem>> {
    this.waiting.length = 0;
    this.end();
    return { done: true, value: undefined };
  }

  /** What waits is still read. */
  end(): void {
    if (this.over) return;
    this.over = true;
    this.reader?.resolve({ done: true, value: undefined });
    this.onEnd();
  }

  /** Whoever reads is told why. */
  fail(error: unknown): void {
    if (this.over) return;
    this.over = true;
    this.failure = { error };
    this.reader?.reject(error);
    this.onEnd();
  }
}

interface PromiseWithResolvers<T> {
  readonly promise: Promise<T>;
  readonly resolve: (value: T) => void;
  readonly reject: (reason: unknown) => void;
}

function withResolvers<T>(): PromiseWithResolvers<T> {
  let resolve!: PromiseWithResolvers<T>['resolve'];
  let reject!: PromiseWithResolvers<T>['reject'];
  const promise = new Promise<T>((done, failed) => {
    resolve = done;
    reject = failed;
  });
  return { promise, resolve, reject };
}
