/** Something received that will be answered. */
export interface Slot {
  /** Set by the queue. */
  answered: boolean;
}

/**
 * Answers leave in the order in which commands were received, whatever the order in which they are ready.
 * Pure: `leave` is called synchronously by the `settle` that makes an answer the next one due.
 */
export class ReplyQueue<S extends Slot> {
  /** Those that have left are let go of at once: a command holds all that came with it. */
  private slots: (S | undefined)[] = [];
  private head = 0;

  constructor(private readonly leave: (slot: S) => void) {}

  /** Answers that are not ready, and those that wait behind them. */
  get size(): number {
    return this.slots.length - this.head;
  }

  /** Takes the next place. */
  reserve(slot: S): void {
    slot.answered = false;
    this.slots.push(slot);
  }

  /** The answer of `slot` is ready: it leaves now, or behind those received before. */
  settle(slot: S): void {
    slot.answered = true;
    for (let next = this.slots[this.head]; next?.answered; next = this.slots[this.head]) {
      this.slots[this.head++] = undefined;
      // Before `leave`, which may reserve and fill.
      if (this.head === this.slots.length) this.reset();
      else if (this.head === 64) this.compact();
      this.leave(next);
    }
  }

  private reset(): void {
    this.slots.length = 0;
    this.head = 0;
  }

  /** One answer that takes long must not keep all that left before it in memory. */
  private compact(): void {
    this.slots = this.slots.slice(this.head);
    this.head = 0;
  }
}
