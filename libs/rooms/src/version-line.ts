/** Changes kept behind a hole at most: above that it is read whole anyway. */
const MOST_WAITING = 1000;

/**
 * Puts the numbered changes of one thing in order, each once, whatever order and however often they come. What is missing
 * is not waited for here: whoever owns it reads the thing whole, and says up to which number. Pure.
 */
export class VersionLine<T> {
  private position: number | null = null;
  private heard = 0;
  private readonly waiting = new Map<number, T>();

  /** The number up to which everything is known; null before the first `reset`. */
  get at(): number | null {
    return this.position;
  }

  /** Whether there are changes that are not known. */
  get isBehind(): boolean {
    return this.position === null || this.heard > this.position;
  }

  /** Whether the change with this number was offered and waits for others. */
  isWaiting(version: number): boolean {
    return this.waiting.has(version);
  }

  /** Learns that there is a change with this number. */
  expect(version: number): void {
    this.heard = Math.max(this.heard, version);
  }

  /** @returns the changes that are due, in order */
  offer(version: number, change: T): T[] {
    this.expect(version);
    if (this.position !== null && version <= this.position) return [];
    if (this.waiting.size < MOST_WAITING) this.waiting.set(version, change);
    return this.due();
  }

  /** Everything up to this number is known otherwise. @returns the changes that are due now */
  reset(version: number): T[] {
    this.position = Math.max(this.position ?? 0, version);
    this.heard = Math.max(this.heard, version);
    for (const each of this.waiting.keys()) if (each <= version) this.waiting.delete(each);
    return this.due();
  }

  private due(): T[] {
    const due: T[] = [];
    while (this.position !== null) {
      const next = this.waiting.get(this.position + 1);
      if (next === undefined) break;
      this.waiting.delete(++this.position);
      due.push(next);
    }
    return due;
  }
}
