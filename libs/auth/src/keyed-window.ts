export interface KeyedWindowOptions {
  /** Counted at most so often in a window. */
  readonly max: number;
  readonly windowMs: number;
}

interface Window {
  readonly startedAt: number;
  count: number;
}

/**
 * Counts by key (addresses, accounts) in windows that begin with the first count, in bounded memory. Stricter than a
 * bucket that refills meanwhile: nobody gets more than `max` in a window.
 */
export class KeyedWindow {
  /** In the order in which the windows began, so that the front is what has ended. */
  private readonly windows = new Map<string, Window>();

  /**
   * @param options asked for at every call, so that reloaded limits count at once
   * @param maxKeys beyond it the windows that began first are forgotten, that is forgiven
   */
  constructor(
    private readonly options: () => KeyedWindowOptions,
    private readonly maxKeys: number,
  ) {}

  /** Counts one. @returns 0 if it was within the limit, else the ms until the window ends, and nothing is counted */
  take(key: string, now: number): number {
    const { max, windowMs } = this.options();
    this.forget(now - windowMs);
    const window = this.windows.get(key);
    if (window === undefined) {
      this.windows.set(key, { startedAt: now, count: 1 });
      return 0;
    }
    if (window.count >= max) return Math.max(1, window.startedAt + windowMs - now);
    window.count++;
    return 0;
  }

  /** Takes back one count. */
  refund(key: string): void {
    const window = this.windows.get(key);
    if (window === undefined) return;
    window.count--;
    if (window.count <= 0) this.windows.delete(key);
  }

  get size(): number {
    return this.windows.size;
  }

  /** @param endedBefore windows that began at or before this time have ended */
  private forget(endedBefore: number): void {
    for (const [key, window] of this.windows) {
      if (window.startedAt > endedBefore && this.windows.size < this.maxKeys) return;
      this.windows.delete(key);
    }
  }
}
