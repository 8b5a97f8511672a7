/**
 * Puts in order what comes when a reader goes on after one that was killed. What that one had and did not acknowledge is owed:
 * it comes again when its time is up, behind what is new. So all is held until what is owed is there, and then let go in the
 * order of the stream.
 */
export class Resumption<T extends { readonly seq: number }> {
  private held: T[] = [];
  private missing: number;

  /**
   * @param owed how many were delivered and not acknowledged
   * @param upTo the last that was delivered; what is above it is new
   */
  constructor(
    owed: number,
    private readonly upTo: number,
  ) {
    this.missing = owed;
  }

  get isOver(): boolean {
    return this.missing <= 0;
  }

  /** @returns what may go on now, in order */
  take(message: T): T[] {
    if (this.isOver) return [message];
    this.held.push(message);
    if (message.seq <= this.upTo) this.missing--;
    return this.isOver ? this.release() : [];
  }

  /** One that came and need not go on. @returns what may go on now, in order */
  drop(seq: number): T[] {
    if (this.isOver) return [];
    if (seq <= this.upTo) this.missing--;
    return this.isOver ? this.release() : [];
  }

  /** Waits no longer: what is still owed is with another reader, or gone from the stream. */
  giveUp(): T[] {
    this.missing = 0;
    return this.release();
  }

  private release(): T[] {
    const { held } = this;
    this.held = [];
    return held.sort((a, b) => a.seq - b.seq);
  }
}
