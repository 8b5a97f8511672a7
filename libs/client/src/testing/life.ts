import { WebSocket } from 'ws';
import { type Clock, systemClock } from '../clock.js';
import type { OutboxStore } from '../outbox-store.js';
import type { WebSocketConstructor } from '../socket.js';

const DEAF = { send() {}, close() {}, addEventListener() {} };

/** One run of an application, which can end as a reload or a crash ends it: at once, and nothing of it acts any more. */
export class Life {
  private isOver = false;
  private readonly sockets = new Set<WebSocket>();
  private readonly timers = new Set<unknown>();

  /** Its connections are torn, its timers never run out, and its store is not heard of again. */
  end(): void {
    this.isOver = true;
    for (const timer of this.timers) systemClock.clearTimeout(timer);
    for (const socket of this.sockets) {
      socket.removeAllListeners();
      socket.on('error', () => {});
      socket.terminate();
    }
  }

  get WebSocket(): WebSocketConstructor {
    const { sockets } = this;
    const isOver = () => this.isOver;
    return class extends WebSocket {
      constructor(url: string, protocols: string[]) {
        // A failure would be told to the application, which is no more.
        if (isOver()) return DEAF as never;
        super(url, protocols);
        sockets.add(this);
        this.on('close', () => sockets.delete(this));
      }
    };
  }

  get clock(): Clock {
    return {
      ...systemClock,
      setTimeout: (callback, ms) => {
        const timer = this.isOver ? undefined : systemClock.setTimeout(callback, ms);
        this.timers.add(timer);
        return timer;
      },
    };
  }

  /**
   * Takes its time, and ends with this life: what is being written then is kept or not, as chance has it.
   * @param random as `Math.random`
   */
  store(inner: OutboxStore, random: () => number): OutboxStore {
    const never = new Promise<never>(() => {});
    const turns = async () => {
      while (random() < 0.5) await new Promise((resolve) => setImmediate(resolve));
    };
    const during = async <T>(work: () => Promise<T>): Promise<T> => {
      await turns();
      if (this.isOver) return never;
      const result = await work();
      await turns();
      return this.isOver ? never : result;
    };
    return {
      take: (userId, more) => during(() => inner.take(userId, more)),
      write: (put, remove) => during(() => inner.write(put, remove)),
      close: () => during(() => inner.close()),
    };
  }
}
