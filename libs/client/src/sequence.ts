/** A hole in what was received: the numbers from `from` to `to` are missing. */
export interface Hole {
  readonly from: number;
  readonly to: number;
}

/** Most items that wait above a hole; those beyond are read again with the rest. */
const MAX_WAITING = 10_000;

/**
 * Puts numbered items in order: whatever is offered twice, too late or too early, each comes out once, in order, and
 * nothing comes out above a hole.
 */
export class Sequence<T> {
  private readonly early = new Map<number, T>();
  /** The highest number known to exist. */
  private head: number;

  /** @param last the highest number up to which everything is there already */
  constructor(private last: number) {
    this.head = last;
  }

  /** The highest number up to which everything came out or was skipped. */
  get position(): number {
    return this.last;
  }

  /** Takes an item. @returns those that are due now, in order; none if it was a repeat or leaves a hole */
  offer(seq: number, item: T): T[] {
    if (seq <= this.last) return [];
    this.expect(seq);
    if (seq > this.last + 1 && this.early.size >= MAX_WAITING) return [];
    if (!this.early.has(seq)) this.early.set(seq, item);
    return this.release();
  }

  /** Says that the numbers up to `seq` exist, so that a hole at the end is seen too. */
  expect(seq: number): void {
    this.head = Math.max(this.head, seq);
  }

  /** Whether something is missing. */
  get isBehind(): boolean {
    return this.last < this.head;
  }

  /** The first hole. */
  get hole(): Hole | null {
    if (!this.isBehind) return null;
    let above = this.head + 1;
    for (const seq of this.early.keys()) above = Math.min(above, seq);
    return { from: this.last + 1, to: above - 1 };
  }

  /** Gives up on the numbers up to `seq`. @returns the items that are due now */
  skip(seq: number): T[] {
    const due = [...this.early.keys()].filter((early) => early <= seq).sort((a, b) => a - b);
    const items = due.map((early) => this.early.get(early) as T);
    for (const early of due) this.early.delete(early);
    this.last = Math.max(this.last, seq);
    this.head = Math.max(this.head, this.last);
    return [...items, ...this.release()];
  }

  private release(): T[] {
    const items: T[] = [];
    for (;;) {
      const next = this.last + 1;
      const item = this.early.get(next);
      if (item === undefined && !this.early.has(next)) return items;
      items.push(item as T);
      this.early.delete(next);
      this.last = next;
    }
  }
}
