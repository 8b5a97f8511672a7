/** Events per second over the last ten whole seconds. Pure: the caller says what time it is. */
export class RateMeter {
  private static readonly WINDOW_S = 10;
  private readonly counts = new Array<number>(RateMeter.WINDOW_S + 1).fill(0);
  private second = 0;

  /** @param now ms, as below */
  count(now: number): void {
    this.advance(now);
    const slot = this.second % this.counts.length;
    this.counts[slot] = (this.counts[slot] ?? 0) + 1;
  }

  /** @param now ms of any clock that goes on */
  perSecond(now: number): number {
    this.advance(now);
    const current = this.counts[this.second % this.counts.length] ?? 0;
    const all = this.counts.reduce((sum, count) => sum + count, 0);
    return (all - current) / RateMeter.WINDOW_S;
  }

  private advance(now: number): void {
    const second = Math.floor(now / 1000);
    const steps = Math.min(second - this.second, this.counts.length);
    for (let step = 1; step <= steps; step++) this.counts[(second - steps + step) % this.counts.length] = 0;
    this.second = Math.max(this.second, second);
  }
}
