/** How long before the end of a token its connection is warned. */
export const WARN_AHEAD_S = 60;

/** What one look at the clock found. */
export interface Due<T> {
  readonly expiring: T[];
  readonly expired: T[];
}

/**
 * Which items end in which second: one set entry an item and no timer of its own, so that a hundred thousand connections
 * cost one timer. Tokens end on whole seconds, so nothing is rounded.
 */
export class ExpirySchedule<T> {
  private readonly bySecond = new Map<number, Set<T>>();
  /** Items up to this second have been called expired; up to `WARN_AHEAD_S` later, expiring. */
  private doneS: number;

  constructor(now: number) {
    this.doneS = Math.floor(now / 1000);
  }

  /**
   * @param expiresAt Unix ms
   * @returns whether the item is due to be warned at once: less is left than the warning takes
   */
  add(item: T, expiresAt: number): boolean {
    const second = this.secondOf(expiresAt);
    const items = this.bySecond.get(second);
    if (items) items.add(item);
    else this.bySecond.set(second, new Set([item]));
    return second <= this.doneS + WARN_AHEAD_S;
  }

  /** @param expiresAt what the item was added with */
  remove(item: T, expiresAt: number): void {
    const second = this.secondOf(expiresAt);
    const items = this.bySecond.get(second);
    if (items?.delete(item) && items.size === 0) this.bySecond.delete(second);
  }

  /** Everything that came due since the last call; each item is named once as expiring and once as expired. */
  advance(now: number): Due<T> {
    const due: Due<T> = { expiring: [], expired: [] };
    const nowS = Math.floor(now / 1000);
    while (this.doneS < nowS) {
      this.doneS++;
      for (const item of this.bySecond.get(this.doneS) ?? []) due.expired.push(item);
      this.bySecond.delete(this.doneS);
      for (const item of this.bySecond.get(this.doneS + WARN_AHEAD_S) ?? []) due.expiring.push(item);
    }
    return due;
  }

  get size(): number {
    let size = 0;
    for (const items of this.bySecond.values()) size += items.size;
    return size;
  }

  /** What has ended already is filed under the next second, and found there again until that has come. */
  private secondOf(expiresAt: number): number {
    return Math.max(Math.ceil(expiresAt / 1000), this.doneS + 1);
  }
}
