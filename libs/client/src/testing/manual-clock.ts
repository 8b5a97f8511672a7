import type { Clock } from '../clock.js';

/** A clock that stands still until it is moved. */
export class ManualClock implements Clock {
  private time = 1_000_000;
  private readonly timers = new Map<object, { at: number; callback: () => void }>();

  now(): number {
    return this.time;
  }

  setTimeout(callback: () => void, ms: number): object {
    const timer = {};
    this.timers.set(timer, { at: this.time + ms, callback });
    return timer;
  }

  clearTimeout(timer: unknown): void {
    this.timers.delete(timer as object);
  }

  /** Moves on by `ms`, running what falls due on the way. */
  advance(ms: number): void {
    const end = this.time + ms;
    for (;;) {
      const next = [...this.timers].sort(([, a], [, b]) => a.at - b.at)[0];
      if (next === undefined || next[1].at > end) break;
      this.timers.delete(next[0]);
      this.time = next[1].at;
      next[1].callback();
    }
    this.time = end;
  }
}
