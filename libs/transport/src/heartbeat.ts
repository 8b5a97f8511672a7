import { TimerWheel, type WheelItem } from './timer-wheel.js';

/** A connection as the heartbeat sees it. */
export interface Beating extends WheelItem {
  /** What had been read when the ping was sent; -1 while none is out. The heartbeat's to change. */
  readAtPing: number;
  /** Bytes read so far: any change is a sign of life. */
  readonly bytesRead: number;
  /** Not being read from, by our own will: it cannot show that it lives. */
  readonly isPaused: boolean;
  ping(): void;
}

export interface HeartbeatOptions<C> {
  /** Read at every beat, so that they can be reloaded. */
  readonly intervalMs: () => number;
  readonly timeoutMs: () => number;
  readonly lost: (connection: C) => void;
  /** Between 0 and 1, for the jitter. */
  readonly random: () => number;
  readonly tickMs: number;
  /** Clock of `advance` at the start. */
  readonly startedAt: number;
}

/** The event loop was held up for longer than this: what clients sent meanwhile has not been read yet. */
const STALL_MS = 1000;

/**
 * Pings every connection once an interval, give or take a tenth so that they do not come in waves, and tells which gave
 * no sign of life in time. Whatever is read counts, and nothing is done when it is: bytes are compared when time is up.
 */
export class Heartbeat<C extends Beating> {
  private readonly wheel: TimerWheel<C>;
  private advancedAt: number;

  constructor(private readonly options: HeartbeatOptions<C>) {
    this.wheel = new TimerWheel(options.tickMs, options.startedAt);
    this.advancedAt = options.startedAt;
  }

  add(connection: C): void {
    connection.readAtPing = -1;
    this.wheel.add(connection, this.jittered());
  }

  remove(connection: C): void {
    this.wheel.remove(connection);
  }

  advance(now: number): void {
    const wasHeldUp = now - this.advancedAt > STALL_MS;
    this.advancedAt = now;
    this.wheel.advance(now, (connection) => this.beat(connection, wasHeldUp));
  }

  private beat(connection: C, wasHeldUp: boolean): void {
    const { timeoutMs, lost } = this.options;
    if (connection.readAtPing < 0) {
      connection.readAtPing = connection.bytesRead;
      connection.ping();
      this.wheel.add(connection, timeoutMs());
    } else if (connection.bytesRead !== connection.readAtPing || connection.isPaused) {
      connection.readAtPing = -1;
      this.wheel.add(connection, this.jittered() - timeoutMs());
    } else if (wasHeldUp) {
      this.wheel.add(connection, STALL_MS);
    } else {
      lost(connection);
    }
  }

  private jittered(): number {
    return this.options.intervalMs() * (0.9 + 0.2 * this.options.random());
  }
}
