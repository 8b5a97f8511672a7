import { createInbox, type Msg, type MsgHdrs, type NatsConnection } from '@nats-io/transport-node';

interface Pending {
  readonly dueAt: number;
  readonly resolve: (answer: string) => void;
  readonly reject: (error: Error) => void;
}

/** How often it is looked for answers that are overdue. */
const SWEEP_MS = 200;

/**
 * Publishes what is answered, over one inbox for all of it: as requests of the client's own, which have a timer and a promise
 * race each, the same would cost several times as much.
 */
export class AckInbox {
  /** In the order of publishing, so that the first is due first. */
  private readonly pending = new Map<string, Pending>();
  private readonly prefix = createInbox();
  private readonly sweep: NodeJS.Timeout;
  private count = 0;

  constructor(
    private readonly connection: NatsConnection,
    private readonly timeoutMs: number,
  ) {
    connection.subscribe(`${this.prefix}.*`, { callback: (error, message) => this.answered(error, message) });
    this.sweep = setInterval(() => this.expire(), SWEEP_MS).unref();
  }

  /** Resolves with the text of the answer. Rejects where nobody listens, and when the time is up: then it may have arrived. */
  publish(subject: string, payload: string, headers: MsgHdrs): Promise<string> {
    return new Promise((resolve, reject) => {
      const reply = `${this.prefix}.${++this.count}`;
      this.connection.publish(subject, payload, { headers, reply });
      this.pending.set(reply, { dueAt: performance.now() + this.timeoutMs, resolve, reject });
    });
  }

  /** Gives up what is not answered. The connection is its owner's to close. */
  close(): void {
    clearInterval(this.sweep);
    for (const { reject } of this.pending.values()) reject(new Error('closed'));
    this.pending.clear();
  }

  private answered(error: Error | null, message: Msg): void {
    if (error !== null) return;
    const pending = this.pending.get(message.subject);
    if (pending === undefined) return;
    this.pending.delete(message.subject);
    if (message.headers?.code === 503) pending.reject(new Error('no stream takes this subject'));
    else pending.resolve(message.string());
  }

  private expire(): void {
    const now = performance.now();
    for (const [reply, { dueAt, reject }] of this.pending) {
      if (dueAt > now) return;
      this.pending.delete(reply);
      reject(new Error('not acknowledged in time'));
    }
  }
}
