/** One look at another clock. All but `theirs` are ms of our own clock, which only goes forward. */
export interface ClockSample {
  readonly sentAt: number;
  readonly receivedAt: number;
  /** What the other clock said at some time between. */
  readonly theirs: number;
}

/**
 * How far another clock is ahead of ours. A sample only says between which two values that lies; as long as what we have is
 * between them it is kept, and otherwise moved as little as is needed: a slow answer changes nothing, and time runs evenly.
 * Pure.
 */
export class ClockOffset {
  private offset: number | undefined;

  /** Undefined before the first sample. */
  get value(): number | undefined {
    return this.offset;
  }

  add({ sentAt, receivedAt, theirs }: ClockSample): void {
    const [least, most] = [theirs - receivedAt, theirs - sentAt];
    this.offset = this.offset === undefined ? (least + most) / 2 : Math.min(most, Math.max(least, this.offset));
  }
}
