import { syncBuiltinESMExports } from 'node:module';
import { type Clock, install } from '@sinonjs/fake-timers';

/** How often the clock moves by itself, in ms. */
const FLOW_MS = 10;
/** Sockets and the database are as they are: what belongs to the event loop itself stays. */
const FAKED = ['Date', 'performance', 'setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'] as const;
/** The real one, whatever is installed. */
const { setImmediate } = globalThis;

/**
 * The time of this process, for everything that was started after it: it flows as ever, and a test moves it on. Sockets and
 * databases are real. The servers of databases and brokers, and other processes, keep their own time.
 */
export class VirtualClock implements Disposable {
  private readonly timers: Clock;

  constructor() {
    this.timers = install({ now: Date.now(), toFake: [...FAKED] });
    // For those who import `node:timers/promises` by name.
    syncBuiltinESMExports();
    this.flow();
  }

  /** Unix milliseconds. */
  get now(): number {
    return this.timers.now;
  }

  /**
   * Moves on by `ms`, every timer in its turn and the event loop run in between, as if the time had passed: grace, heartbeats,
   * coalescing. It takes about a second for a minute.
   */
  async advance(ms: number): Promise<void> {
    this.timers.setTickMode({ mode: 'manual' });
    await this.timers.tickAsync(ms);
    await turns();
    this.flow();
  }

  /**
   * Moves on by `ms` at once, every timer run at most one time, as for a machine that has slept: for hours and days, as the
   * life of tokens and idempotency keys. The nodes of a cluster may take each other for dead.
   */
  async jump(ms: number): Promise<void> {
    this.timers.setTickMode({ mode: 'manual' });
    this.timers.jump(ms);
    await turns();
    this.flow();
  }

  /** From now on time is as it was. Close what was started under this clock before. */
  restore(): void {
    this.timers.uninstall();
    syncBuiltinESMExports();
  }

  [Symbol.dispose](): void {
    this.restore();
  }

  private flow(): void {
    this.timers.setTickMode({ mode: 'interval', delta: FLOW_MS });
  }
}

/** Puts a clock that a test can move in the place of this process's own. Do it before you start gateways. */
export function virtualClock(): VirtualClock {
  return new VirtualClock();
}

/** What the timers have begun comes as far as it comes without waiting for others. */
async function turns(): Promise<void> {
  for (let turn = 0; turn < 10; turn++) await new Promise((resolve) => setImmediate(resolve));
}
