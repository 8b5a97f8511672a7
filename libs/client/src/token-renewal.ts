import type { Clock } from './clock.js';

/** How long before a token expires another is asked for, in ms, if the gateway has not said so before (60 s ahead). */
const AHEAD_MS = 50_000;
/** How long after one that could not be had another is asked for, in ms. */
const AGAIN_MS = 10_000;
/** Timers run out at once beyond this. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/**
 * Asks for another token in time: when the gateway says that it expires, and by its own clock where that word does not come.
 * Goes by the gateway's time, whatever the device takes it for.
 */
export class TokenRenewal {
  private expiresAt: number | undefined;
  /** What the gateway's clock is ahead of this one, in ms. */
  private aheadMs = 0;
  private timer: unknown;
  private isRenewing = false;

  /** @param renew resolves with whether there is another; what it throws, it throws to nobody */
  constructor(
    private readonly clock: Clock,
    private readonly renew: () => Promise<boolean>,
  ) {}

  /** Connected, with a token that expires then. @param serverNow the gateway's time, Unix ms */
  connected(expiresAt: number | undefined, serverNow: number): void {
    this.aheadMs = serverNow - this.clock.now();
    this.expires(expiresAt);
  }

  /** The token of this connection expires then, Unix ms; never if undefined. */
  expires(expiresAt: number | undefined): void {
    this.stop();
    this.isRenewing = false;
    this.expiresAt = expiresAt;
    this.plan(AHEAD_MS);
  }

  /** The gateway says that it is time. */
  async due(): Promise<void> {
    if (this.isRenewing) return;
    this.stop();
    this.isRenewing = true;
    const { expiresAt } = this;
    const isRenewed = await this.renew();
    this.isRenewing = false;
    if (!isRenewed && expiresAt === this.expiresAt && this.leftMs > AGAIN_MS) {
      this.timer = this.clock.setTimeout(() => void this.due(), AGAIN_MS);
    }
  }

  stop(): void {
    this.clock.clearTimeout(this.timer);
  }

  private get leftMs(): number {
    return (this.expiresAt ?? 0) - this.clock.now() - this.aheadMs;
  }

  private plan(aheadMs: number): void {
    if (this.expiresAt === undefined) return;
    const { leftMs } = this;
    // Of one that lives for less than that, half.
    const waitMs = Math.max(leftMs - aheadMs, leftMs / 2, 0);
    const next = () => (waitMs > MAX_TIMER_MS ? this.plan(aheadMs) : void this.due());
    this.timer = this.clock.setTimeout(next, Math.min(waitMs, MAX_TIMER_MS));
  }
}
