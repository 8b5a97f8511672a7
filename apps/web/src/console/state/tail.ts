/** The newest items of a stream that may be endless, newest first; those beyond the bound go. */
export class Tail<T> {
  private shown: readonly (T & { readonly key: number })[] = [];
  private waiting: (T & { readonly key: number })[] = [];
  private count = 0;
  private since = 0;
  private held = false;

  constructor(private readonly limit: number) {}

  /** What is on the page. The same array until `flush` has something to add. */
  get items(): readonly (T & { readonly key: number })[] {
    return this.shown;
  }

  /** How many came while the list stands still, up to the bound. */
  get waitingCount(): number {
    return this.waiting.length;
  }

  /** How many came since it was cleared. */
  get total(): number {
    return this.count - this.since;
  }

  add(item: T): void {
    this.waiting.push({ ...item, key: this.count++ });
    if (this.waiting.length > 2 * this.limit) this.waiting = this.waiting.slice(-this.limit);
  }

  /** Lets the list stand still, so that it can be read. */
  hold(held: boolean): void {
    this.held = held;
  }

  /** Takes what waits onto the page. @returns whether there was something */
  flush(): boolean {
    if (this.held || this.waiting.length === 0) return false;
    this.shown = [...this.waiting.slice(-this.limit).toReversed(), ...this.shown].slice(0, this.limit);
    this.waiting = [];
    return true;
  }

  clear(): void {
    this.shown = [];
    this.waiting = [];
    this.since = this.count;
  }
}
