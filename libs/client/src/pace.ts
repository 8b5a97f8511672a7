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

  /** A command leaves. @param unanswered messages that are, one that leaves now included */
  take(now: number, unanswered: number): void {
    this.refill(now, unanswered - 1);
    this.tokens--;
  }

  /** How long a message has to wait, in ms; 0 where it may leave. @param unanswered messages that are */
  waitMs(now: number, unanswered: number): number {
    this.refill(now, unanswered);
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

  /** What is unanswered may not be counted yet: a gateway that stood still counts it all at once, against no more than a burst. */
  private refill(now: number, unanswered: number): void {
    const passedMs = Math.max(0, now - this.countedAt);
    this.countedAt = now;
    this.tokens = Math.min(this.burst - unanswered, this.tokens + (passedMs / 1000) * (this.perSecond ?? 0));
  }
}
