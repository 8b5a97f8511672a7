/** Who has served for so long did not fail at the start. */
const SETTLED_MS = 10_000;
const FIRST_DELAY_MS = 100;
const MAX_DELAY_MS = 5000;
/** Attempts in a row, none of which came so far as to listen. */
const MAX_FAILED_STARTS = 5;

/** When a worker that has ended is replaced, and when it is not worth another attempt. Pure: times are given. */
export class Restarts {
  private failedStarts = 0;
  private shortLives = 0;
  private listeningSince: number | undefined;

  /** It serves. */
  listens(now: number): void {
    this.listeningSince = now;
    this.failedStarts = 0;
  }

  /** @returns how long to wait before the next attempt, in milliseconds; undefined: it cannot start at all */
  ended(now: number): number | undefined {
    const servedMs = this.listeningSince === undefined ? 0 : now - this.listeningSince;
    if (this.listeningSince === undefined && ++this.failedStarts >= MAX_FAILED_STARTS) return undefined;
    this.listeningSince = undefined;
    this.shortLives = servedMs >= SETTLED_MS ? 0 : this.shortLives + 1;
    return this.shortLives <= 1 ? 0 : Math.min(MAX_DELAY_MS, FIRST_DELAY_MS * 2 ** (this.shortLives - 2));
  }
}
