/** Something with a time limit. `startedAt` in milliseconds of the clock given to `Deadlines`. */
export interface Timed {
  startedAt: number;
  /** Links of the list, null when not in it. */
  earlier: this | null;
  later: this | null;
}

export interface DeadlinesOptions<T> {
  /** Read at every look, so that it can be reloaded. */
  readonly limitMs: () => number;
  readonly now: () => number;
  readonly expire: (item: T) => void;
  /** Calls back once after `ms`; returns how to cancel. */
  readonly schedule: (callback: () => void, ms: number) => () => void;
}

/**
 * Time limits of all commands under way with one timer. As all have the same limit, those that started first are due
 * first: a linked list, so that adding and removing touch two links and never a timer.
 */
export class Deadlines<T extends Timed> {
  private first: T | null = null;
  private last: T | null = null;
  private cancelTimer: (() => void) | null = null;

  constructor(private readonly options: DeadlinesOptions<T>) {}

  /** @param item started no earlier than those added before */
  add(item: T): void {
    item.earlier = this.last;
    item.later = null;
    if (this.last === null) this.first = item;
    else this.last.later = item;
    this.last = item;
    // A timer that is set stays set when its item goes: it finds the next due or nothing, at most once a limit.
    if (this.cancelTimer === null) this.arm(item);
  }

  /** Harmless for what has been removed or has expired. */
  remove(item: T): void {
    if (item.earlier === null && this.first !== item) return;
    if (item.earlier === null) this.first = item.later;
    else item.earlier.later = item.later;
    if (item.later === null) this.last = item.earlier;
    else item.later.earlier = item.earlier;
    item.earlier = null;
    item.later = null;
  }

  close(): void {
    this.cancelTimer?.();
    this.cancelTimer = null;
    this.first = null;
    this.last = null;
  }

  /** Looks again at once: the limit was changed. */
  refresh(): void {
    this.cancelTimer?.();
    this.cancelTimer = null;
    if (this.first !== null) this.arm(this.first);
  }

  private arm(item: T): void {
    const { limitMs, now, schedule } = this.options;
    const ms = Math.max(0, item.startedAt + limitMs() - now());
    this.cancelTimer = schedule(() => this.look(), ms);
  }

  private look(): void {
    this.cancelTimer = null;
    const due = this.options.now() - this.options.limitMs();
    for (let item = this.first; item !== null && item.startedAt <= due; item = this.first) {
      this.remove(item);
      this.options.expire(item);
    }
    if (this.first !== null && this.cancelTimer === null) this.arm(this.first);
  }
}
