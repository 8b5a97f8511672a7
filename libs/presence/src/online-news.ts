/** At most one push in this time, however many come and go, in ms. */
const EVERY_MS = 1000;

/** Who watches how many users are online, and when they are told: on a change, at most once a second. No timers. */
export class OnlineNews<W> {
  private readonly watching = new Set<W>();
  /** Null once a watcher was told another count than the rest: then even a return to the old one is news to him. */
  private told: number | null = null;
  private toldAt = Number.NEGATIVE_INFINITY;

  /** @param count what the watcher is told in the answer to his command */
  watch(watcher: W, count: number): void {
    if (this.watching.size === 0) this.told = count;
    else if (this.told !== count) this.told = null;
    this.watching.add(watcher);
  }

  unwatch(watcher: W): void {
    this.watching.delete(watcher);
  }

  /** After a change: in how many ms `tell` is due; null if nobody watches. */
  dueIn(now: number): number | null {
    return this.watching.size === 0 ? null : Math.max(0, this.toldAt + EVERY_MS - now);
  }

  /** @returns whom to tell the count; nobody if all of them know it */
  tell(count: number, now: number): ReadonlySet<W> | null {
    if (this.watching.size === 0 || count === this.told) return null;
    this.told = count;
    this.toldAt = now;
    return this.watching;
  }
}
