/** Something that comes due. */
export interface WheelItem {
  /** The tick that it is due at; the wheel's to change. */
  dueTick: number;
}

const SLOTS = 512;

/**
 * Due times of many items without a timer each: an item lies in the slot of its tick. Adding, removing and coming due
 * cost the same whatever the number of items. Pure: somebody calls `advance`.
 */
export class TimerWheel<T extends WheelItem> {
  private readonly slots: Set<T>[] = Array.from({ length: SLOTS }, () => new Set<T>());
  /** The tick that has been looked at, and the one that time has come to. */
  private tick = 0;
  private target = 0;

  /**
   * @param tickMs resolution; nothing comes due early, and at most two ticks late
   * @param startedAt clock of `advance` at the start, milliseconds of any origin
   */
  constructor(
    private readonly tickMs: number,
    private readonly startedAt: number,
  ) {}

  /** Adds an item, or moves one that is in the wheel. */
  add(item: T, inMs: number): void {
    this.remove(item);
    item.dueTick = this.target + Math.max(1, Math.ceil(inMs / this.tickMs) + 1);
    this.slotOf(item.dueTick).add(item);
  }

  remove(item: T): void {
    this.slotOf(item.dueTick).delete(item);
  }

  /** Hands over all that has come due. `due` may add and remove items. */
  advance(now: number, due: (item: T) => void): void {
    this.target = Math.max(this.target, Math.floor((now - this.startedAt) / this.tickMs));
    // After a long stop each slot needs to be looked at only once.
    this.tick = Math.max(this.tick, this.target - SLOTS);
    while (this.tick < this.target) {
      this.tick++;
      const slot = this.slotOf(this.tick);
      if (slot.size === 0) continue;
      for (const item of slot) {
        // Later rounds of the wheel share the slot, also what is added while we look.
        if (item.dueTick > this.target) continue;
        slot.delete(item);
        due(item);
      }
    }
  }

  private slotOf(tick: number): Set<T> {
    return this.slots[tick % SLOTS] as Set<T>;
  }
}
