export interface BackoffOptions {
  /** Upper bound of the first delay, in ms. @default 500 */
  readonly baseMs: number;
  /** Upper bound of any delay, in ms. @default 30000 */
  readonly maxMs: number;
}

/**
 * Delays between attempts with full jitter: anything from 0 to a bound that doubles. Clients that lost the same node come
 * back spread over the whole bound instead of together.
 */
export class Backoff {
  private attempts = 0;

  /**
   * @param random as `Math.random`
   * @param perStep attempts until the bound doubles
   */
  constructor(
    private readonly options: BackoffOptions,
    private readonly random: () => number,
    private readonly perStep = 1,
  ) {}

  /** @param atLeastMs what the server asked for; the jitter is added to it */
  next(atLeastMs = 0): number {
    const bound = Math.min(this.options.maxMs, this.options.baseMs * 2 ** Math.floor(this.attempts / this.perStep));
    this.attempts++;
    return Math.round(atLeastMs + this.random() * bound);
  }

  reset(): void {
    this.attempts = 0;
  }
}

/** Whether the close code advises to connect again: as `shouldReconnect` of the protocol, which a bundle would pay for. */
export function reconnects(code: number): boolean {
  return code !== 1000 && (code < 4500 || code > 4999);
}

/** `Retry-After` as milliseconds from `now`: it is seconds, or a date. */
export function retryAfterMs(header: unknown, now: number): number | undefined {
  if (typeof header !== 'string' || header.trim() === '') return undefined;
  const seconds = Number(header);
  const ms = Number.isFinite(seconds) ? seconds * 1000 : Date.parse(header) - now;
  return Number.isNaN(ms) ? undefined : Math.max(0, ms);
}
