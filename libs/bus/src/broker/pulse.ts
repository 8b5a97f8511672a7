const BEAT_MS = 1000;
/** Beats without an answer after which the broker counts as stalled. */
const STALLED_BEATS = 2;
/** Beats without an answer after which the connection is given up for another. */
const LOST_BEATS = 10;

export interface PulseEvents {
  /** The broker answered. */
  alive(): void;
  /** It has not answered for a while. */
  stalled(): void;
  /** It has not answered for so long that the connection is of no use. */
  lost(): void;
}

/**
 * Asks the broker every second whether it is there: a paused one, or one behind a cut cable, keeps its connection and says
 * nothing. Counts beats and not time: a node that was itself frozen has missed one beat, however long it was.
 */
export class Pulse {
  private readonly timer = setInterval(() => this.beat(), BEAT_MS).unref();
  private unanswered = 0;
  private round = 0;

  constructor(
    private readonly ping: () => Promise<unknown>,
    private readonly events: PulseEvents,
  ) {}

  /** Asks now: on a new connection, whatever was asked on the old one. */
  restart(): void {
    this.unanswered = 0;
    void this.ask();
  }

  stop(): void {
    clearInterval(this.timer);
    this.round++;
  }

  private beat(): void {
    if (this.unanswered === 0) return void this.ask();
    this.unanswered++;
    if (this.unanswered > STALLED_BEATS) this.events.stalled();
    if (this.unanswered > LOST_BEATS) {
      this.unanswered = 0;
      this.events.lost();
    }
  }

  private async ask(): Promise<void> {
    const round = ++this.round;
    this.unanswered = 1;
    try {
      await this.ping();
    } catch {
      // Away: the next beat asks again.
      if (round === this.round) this.unanswered = 0;
      return;
    }
    if (round !== this.round) return;
    this.unanswered = 0;
    this.events.alive();
  }
}
