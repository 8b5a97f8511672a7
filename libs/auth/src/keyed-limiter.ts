import { TokenBucket } from '@hubbub/transport';

export interface KeyedLimiterOptions {
  readonly perSecond: number;
  readonly burst: number;
}

/** A token bucket for each of many keys (addresses), in bounded memory: a full bucket is forgotten. */
export class KeyedLimiter {
  /** In the order of use, so that the front is what can be forgotten. */
  private readonly buckets = new Map<string, TokenBucket>();

  /**
   * @param options asked for at every call, so that reloaded limits count at once
   * @param maxKeys beyond it the keys that were used longest ago are forgotten, that is forgiven
   */
  constructor(
    private readonly options: () => KeyedLimiterOptions,
    private readonly maxKeys: number,
  ) {}

  /** Takes one. @returns 0 if it may go on, else the ms until the next one may */
  take(key: string, now: number): number {
    const { perSecond, burst } = this.options();
    const bucket = this.buckets.get(key) ?? new TokenBucket(perSecond, burst, now);
    bucket.configure(perSecond, burst, now);
    const wait = bucket.take(now);
    this.buckets.delete(key);
    this.buckets.set(key, bucket);
    this.forget(now);
    return wait;
  }

  get size(): number {
    return this.buckets.size;
  }

  private forget(now: number): void {
    for (const [key, bucket] of this.buckets) {
      if (this.buckets.size <= this.maxKeys && !bucket.isFull(now)) return;
      this.buckets.delete(key);
    }
  }
}
