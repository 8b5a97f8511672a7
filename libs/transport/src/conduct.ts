import { TokenBucket } from './token-bucket.js';

/** Limits of what one connection sends. */
export interface ConductLimits {
  readonly commandsPerS: number;
  readonly commandsBurst: number;
  readonly rateCloseAfterMs: number;
  /** Malformed frames a minute. */
  readonly malformedFrames: number;
}

/** Without a refusal for this long, a connection has paused: its stretch of being over the rate is over. */
export const PAUSE_MS = 1000;
const MINUTE_MS = 60_000;

/** How a connection behaves: its rate of commands and control frames, how long it has been over it, its malformed frames. Pure. */
export class Conduct {
  private readonly bucket: TokenBucket;
  private overSince = -1;
  private lastRefusal = 0;
  private malformed = 0;
  private minuteStart = 0;

  /** @param now milliseconds of the clock that all calls are given */
  constructor(
    private limits: ConductLimits,
    now: number,
  ) {
    this.bucket = new TokenBucket(limits.commandsPerS, limits.commandsBurst, now);
  }

  /** Takes over changed limits. */
  configure(limits: ConductLimits, now: number): void {
    this.limits = limits;
    this.bucket.configure(limits.commandsPerS, limits.commandsBurst, now);
  }

  /** Counts one frame. 0 when it is within the rate, otherwise the milliseconds after which the next one will be. */
  take(now: number): number {
    const retryAfterMs = this.bucket.take(now);
    if (retryAfterMs === 0) return 0;
    if (this.overSince < 0 || now - this.lastRefusal >= PAUSE_MS) this.overSince = now;
    this.lastRefusal = now;
    return retryAfterMs;
  }

  /** To be asked after a refusal: it goes on for longer than a connection may. */
  isOverTooLong(now: number): boolean {
    return now - this.overSince >= this.limits.rateCloseAfterMs;
  }

  /** Counts a frame that was no envelope. True when there were too many within a minute. */
  addMalformed(now: number): boolean {
    if (this.malformed === 0 || now - this.minuteStart >= MINUTE_MS) {
      this.minuteStart = now;
      this.malformed = 0;
    }
    return ++this.malformed > this.limits.malformedFrames;
  }
}
