import type { Session } from '@hubbub/protocol';

/** What is kept free of what the gateway allows: for commands that cannot wait, and for frames that the network pushes together. */
const SHARE_OF_BURST = 0.8;
const SHARE_OF_RATE = 0.9;

/**
 * Spreads messages as the gateway counts commands: so many at once, and so many a second after that. What it refused for its
 * rate would be stored behind what came after it, or not at all.
 */
export class Pace {
  private session: Session | null = null;
  private tokens = 0;
  private countedAt = 0;

  /** A connection begins, of which the gateway tells what it allows; one that does not tell is not spread. */
  begin(session: Session | null, now: number): void {
    if (session === this.session) return;
    this.session = session;
    this.tokens = this.burst;
    this.countedAt = now;
  }

  /** A command leaves. */
  take(now: number): void {
    this.refill(now);
    this.tokens--;
  }

  /**
   * Most commands that may be unanswered. A gateway or network that stands still for a while counts all at once that was sent
   * meanwhile.
   */
  get window(): number {
    return this.burst;
  }

  /** How long a message has to wait, in ms; 0 where it may leave. */
  waitMs(now: number): number {
    this.refill(now);
    const { perSecond } = this;
    if (this.tokens >= 1 || perSecond === undefined) return 0;
    return Math.ceil(((1 - this.tokens) / perSecond) * 1000);
  }

  private get perSecond(): number | undefined {
    const { commands_per_s: allowed } = this.session ?? {};
    return allowed === undefined ? undefined : allowed * SHARE_OF_RATE;
  }

  private get burst(): number {
    const { commands_burst: allowed } = this.session ?? {};
    return allowed === undefined ? Number.POSITIVE_INFINITY : Math.max(1, Math.floor(allowed * SHARE_OF_BURST));
  }

  private refill(now: number): void {
    const passedMs = Math.max(0, now - this.countedAt);
    this.countedAt = now;
    this.tokens = Math.min(this.burst, this.tokens + (passedMs / 1000) * (this.perSecond ?? 0));
  }
}
