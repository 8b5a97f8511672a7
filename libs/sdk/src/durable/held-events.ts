import { setTimeout as delay } from 'node:timers/promises';
import type { JsMsg } from '@nats-io/jetstream';
import { readAddress } from '../events/event-address.js';
import { Lanes } from '../events/lanes.js';
import { Resumption } from './resumption.js';

/** What came of an event. */
export type Outcome =
  /** Dealt with, or given up with a dead letter. */
  | 'done'
  /** Not dealt with: it is to be told again. */
  | 'left';

/** Finished events whose acknowledgement may be lost, so that they come again. */
const REMEMBERED = 10_000;
/** How much later than due the stream may redeliver. */
const LATE_MS = 1000;

/**
 * The events that this process has from the stream and has not acknowledged: each is handled once however often it is delivered
 * meanwhile, those of one room in order, and kept from being delivered to another process.
 */
export class HeldEvents {
  /** How many run at a time is for whoever handles them to say. */
  private readonly lanes = new Lanes(Infinity);
  /** By what is theirs alone; of what was delivered again the latest delivery. */
  private readonly held = new Map<string, JsMsg>();
  private readonly finished = new Set<string>();
  private readonly extension: NodeJS.Timeout;
  private resumption = new Resumption<JsMsg>(0, 0);
  private resumptionEnds: NodeJS.Timeout | undefined;
  private whenRoom: (() => void) | null = null;

  constructor(
    private readonly settings: { readonly ackWaitMs: number; readonly capacity: number },
    /** Never rejects. */
    private readonly handle: (message: JsMsg) => Promise<Outcome>,
  ) {
    this.extension = setInterval(() => this.extend(), settings.ackWaitMs / 4);
  }

  /** How many more may come now. */
  get room(): number {
    // What is owed takes no place away from what it waits for.
    return this.resumption.isOver ? this.settings.capacity - this.held.size : this.settings.capacity;
  }

  get isEmpty(): boolean {
    return this.held.size === 0;
  }

  /** @param owed unacknowledged at the stream, of which this process may have some; up to the place `upTo` */
  resume(owed: number, upTo: number): void {
    clearTimeout(this.resumptionEnds);
    this.release(this.resumption.giveUp());
    this.resumption = new Resumption(owed - this.held.size, upTo);
    if (this.resumption.isOver) return;
    const giveUp = () => this.release(this.resumption.giveUp());
    this.resumptionEnds = setTimeout(giveUp, this.settings.ackWaitMs + LATE_MS);
  }

  take(message: JsMsg): void {
    const key = keyOf(message);
    if (this.finished.has(key)) {
      message.ack();
      return this.release(this.resumption.drop(message.seq));
    }
    const isKnown = this.held.has(key);
    this.held.set(key, message);
    if (!isKnown) this.release(this.resumption.take(message));
  }

  async untilRoom(): Promise<void> {
    if (this.room <= 0) await new Promise<void>((resolve) => (this.whenRoom = resolve));
  }

  /** Lets go who waits for room. */
  wake(): void {
    this.whenRoom?.();
    this.whenRoom = null;
  }

  /** Resolves once all that runs has ended, or after that time. */
  async settle(withinMs: number): Promise<void> {
    const ended = new AbortController();
    const late = delay(withinMs, undefined, { signal: ended.signal }).catch(() => undefined);
    await Promise.race([this.lanes.idle(), late]);
    ended.abort();
  }

  /** Hands back what is not finished, in the order of the stream. */
  close(): void {
    clearInterval(this.extension);
    clearTimeout(this.resumptionEnds);
    for (const message of [...this.held.values()].sort((a, b) => a.seq - b.seq)) message.nak();
    this.held.clear();
  }

  private release(messages: readonly JsMsg[]): void {
    for (const message of messages) this.lanes.run(readAddress(message.subject).lane, () => this.run(keyOf(message)));
  }

  private async run(key: string): Promise<void> {
    const message = this.held.get(key);
    if (message === undefined || (await this.handle(message)) === 'left') return;
    this.remember(key);
    // By now it may have been delivered once more.
    this.held.get(key)?.ack();
    this.held.delete(key);
    if (this.room > 0) this.wake();
  }

  private extend(): void {
    for (const message of this.held.values()) message.working();
  }

  private remember(key: string): void {
    this.finished.add(key);
    const [oldest] = this.finished;
    if (this.finished.size > REMEMBERED && oldest !== undefined) this.finished.delete(oldest);
  }
}

/** Its place and when it got there: a stream that was made anew has the same places for others. */
function keyOf({ seq, info }: JsMsg): string {
  return `${seq} ${info.timestampNanos}`;
}
