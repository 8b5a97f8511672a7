/** After exactly the wait that was told there is a token, whatever the fractions added up to. */
const ROUNDING = 1e-9;

/**
 * A rate limit: `burst` at once, then `ratePerS`. Two numbers of state and no timer: what has run in since is worked out
 * when it is asked.
 */
export class TokenBucket {
  private tokens: number;
  private at: number;

  /**
   * @param ratePerS tokens that run in per second, above 0; may be below 1
   * @param burst most tokens held, at least 1; full at the start
   * @param now Unix ms, as for `take`
   */
  constructor(
    private ratePerS: number,
    private burst: number,
    now: number = Date.now(),
  ) {
    this.tokens = burst;
    this.at = now;
  }

  /** Takes one token: 0, or the milliseconds (at least 1) until there is one, with nothing taken. */
  take(now: number = Date.now()): number {
    this.refill(now);
    if (this.tokens >= 1 - 2 * ROUNDING) {
      this.tokens = Math.max(0, this.tokens - 1);
      return 0;
    }
    return Math.max(1, Math.ceil(((1 - ROUNDING - this.tokens) * 1000) / this.ratePerS));
  }

  /** Whether it holds all it can: then it may be forgotten and made again when needed. */
  isFull(now: number = Date.now()): boolean {
    this.refill(now);
    return this.tokens >= this.burst;
  }

  /** Takes over changed limits; what is held stays, up to the new burst. */
  configure(ratePerS: number, burst: number, now: number = Date.now()): void {
    this.refill(now);
    this.ratePerS = ratePerS;
    this.burst = burst;
    this.tokens = Math.min(burst, this.tokens);
  }

  private refill(now: number): void {
    // A clock that was set back gives nothing and takes nothing.
    const passed = Math.max(0, now - this.at);
    this.at = now;
    this.tokens = Math.min(this.burst, this.tokens + (passed * this.ratePerS) / 1000);
  }
}
