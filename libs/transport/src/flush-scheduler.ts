/** Something with frames to write. */
export interface Flushable {
  /** Lists of the scheduler that it is in; the scheduler's to change. */
  listed: number;
  /** Writes what it has, if anything. Returns the number of frames. Must not throw. */
  flush(): number;
}

export interface FlushClock {
  /** Milliseconds, of any origin. */
  now(): number;
  /** Calls back at the end of this event-loop turn. */
  atEndOfTurn(callback: () => void): void;
  later(callback: () => void, ms: number): void;
}

/** Most of the time that flushes may take while they are small: the rest is left to everything else. */
const DUTY = 0.3;
/** From this many frames a write on, a flush is worth its writes and need not wait. */
const FRAMES_WORTH = 4;

/**
 * When the next flush may be. Under load, frames that wait a little leave together, and a write costs as much for one
 * frame as for ten; without load nothing waits.
 */
export class FlushDelay {
  private notBefore = 0;

  /** Milliseconds to wait from `now`; 0: flush at once. */
  wait(now: number): number {
    return Math.max(0, this.notBefore - now);
  }

  /** Takes note of a flush of `frames` frames by as many writes as said. @param capMs longest wait */
  flushed(startedAt: number, endedAt: number, frames: number, writes: number, capMs: number): void {
    const cost = endedAt - startedAt;
    const isWorth = frames >= FRAMES_WORTH * writes;
    this.notBefore = isWorth ? endedAt : endedAt + Math.min(capMs, cost / DUTY - cost);
  }
}

const WAITING = 1;
const URGENT = 2;

/** Writes what connections are owed: those that are owed an answer at the end of the turn, the others when it pays. */
export class FlushScheduler<C extends Flushable> {
  private waiting: C[] = [];
  private urgent: C[] = [];
  private turnIsSet = false;
  private timerIsSet = false;
  private readonly delay = new FlushDelay();

  /**
   * @param capMs longest deliberate delay; read at every flush
   * @param flushedAll called when nobody is owed anything any more
   */
  constructor(
    private readonly clock: FlushClock,
    private readonly capMs: () => number,
    private readonly flushedAll: () => void,
  ) {}

  add(connection: C): void {
    if ((connection.listed & WAITING) !== 0) return;
    connection.listed |= WAITING;
    this.waiting.push(connection);
    if (!this.timerIsSet) this.setTurn();
  }

  addUrgent(connection: C): void {
    if ((connection.listed & URGENT) !== 0) return;
    connection.listed |= URGENT;
    this.urgent.push(connection);
    this.setTurn();
  }

  /** Writes everything now. */
  flushAll(): void {
    this.flushUrgent();
    const connections = this.waiting;
    if (connections.length === 0) return this.flushedAll();
    this.waiting = [];
    const startedAt = this.clock.now();
    let frames = 0;
    let writes = 0;
    for (const connection of connections) {
      connection.listed &= ~WAITING;
      const written = connection.flush();
      frames += written;
      // Some were written with an answer meanwhile.
      if (written > 0) writes++;
    }
    this.delay.flushed(startedAt, this.clock.now(), frames, writes, this.capMs());
    this.flushedAll();
  }

  private flushUrgent(): void {
    if (this.urgent.length === 0) return;
    const connections = this.urgent;
    this.urgent = [];
    for (const connection of connections) {
      connection.listed &= ~URGENT;
      connection.flush();
    }
  }

  private setTurn(): void {
    if (this.turnIsSet) return;
    this.turnIsSet = true;
    this.clock.atEndOfTurn(this.onTurn);
  }

  private readonly onTurn = (): void => {
    this.turnIsSet = false;
    if (this.timerIsSet) return this.flushUrgent();
    const wait = this.waiting.length === 0 ? 0 : this.delay.wait(this.clock.now());
    // A timer cannot wait for less than a millisecond.
    if (wait < 1) return this.flushAll();
    this.flushUrgent();
    this.timerIsSet = true;
    this.clock.later(this.onTimer, wait);
  };

  private readonly onTimer = (): void => {
    this.timerIsSet = false;
    this.flushAll();
  };
}
