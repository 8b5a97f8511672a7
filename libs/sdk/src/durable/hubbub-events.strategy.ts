import { setTimeout as delay } from 'node:timers/promises';
import { type CustomTransportStrategy, type MessageHandler, Server } from '@nestjs/microservices';
import { lastValueFrom } from 'rxjs';
import { coverOf, subscriptionOf } from '../events/event-address.js';
import type { HubbubEventContext } from '../events/hubbub-event.context.js';
import { decodeDurablePattern, EVENTS_TRANSPORT } from '../events/on-hubbub-event.js';
import { HubbubFacts } from '../facts/hubbub-facts.js';
import { NatsLink } from '../nats/nats-link.js';
import { type DeadLetter, keepDeadLetter } from './dead-letters.js';
import { type DurableHandler, EventDelivery } from './event-delivery.js';
import { EventReader } from './event-reader.js';
import { HeldEvents } from './held-events.js';
import { DEFAULTS, type HubbubEventsOptions, type Settings } from './hubbub-events.options.js';

/** Events at hand: so many may wait for one room whose handler fails, before other rooms wait too. */
const CAPACITY = 2000;
/** Most that the stream hands out without an acknowledgement, to all instances. */
const MAX_PENDING = 5000;
const OPEN_WITHIN_MS = 5000;

/**
 * Tells durable events to `@OnHubbubEvent(…, { durable: true })`, as a transport of Nest:
 * `app.connectMicroservice({ strategy: new HubbubEventsStrategy({ servers, durable: 'moderator' }) })`.
 */
export class HubbubEventsStrategy extends Server implements CustomTransportStrategy {
  override readonly transportId = EVENTS_TRANSPORT;
  /** A handler's failure is looked after here. */
  override readonly propagatesEventHandlerErrors = true;
  private readonly settings: Settings;
  private readonly link: NatsLink;
  private readonly closing = new AbortController();
  private readonly held: HeldEvents;
  private delivery: EventDelivery | undefined;
  private reader: EventReader | undefined;

  /** @throws Error if the name of the reader is none */
  constructor(options: HubbubEventsOptions) {
    super();
    const { servers, nats, ...settings } = options;
    if (!/^[A-Za-z0-9_-]+$/.test(options.durable)) throw new Error('durable: expected letters, digits, `_` and `-`');
    this.settings = { ...DEFAULTS, ...settings };
    this.link = new NatsLink({ servers, nats, name: options.durable });
    const limits = { ackWaitMs: this.settings.ackWaitMs, capacity: CAPACITY };
    this.held = new HeldEvents(limits, async (message) => (await this.delivery?.deliver(message)) ?? 'left');
  }

  /** Whether events come: not while NATS, or the stream, is away. For a health check. */
  get isReading(): boolean {
    return this.link.isConnected && this.reader?.isReading === true;
  }

  /** Does not wait for long for what may come later: NATS, and the stream. */
  async listen(done: (error?: unknown) => void): Promise<void> {
    const handlers = [...this.messageHandlers].map(([pattern, handler]) => this.handlerOf(pattern, handler));
    if (handlers.length === 0) return done();
    const filter = coverOf(handlers.map((handler) => subscriptionOf(handler.filter)));
    const reader = new EventReader({ ...this.settings, filter, maxPending: MAX_PENDING }, this.held);
    this.reader = reader;
    this.link.onConnection((connection) => {
      const facts = new HubbubFacts(this.link, {});
      const keep = (letter: DeadLetter) => keepDeadLetter(facts, letter);
      this.delivery = new EventDelivery(this.settings, handlers, keep, this.closing.signal);
      reader.start(connection);
    });
    const opened = new AbortController();
    const late = delay(OPEN_WITHIN_MS, undefined, { signal: opened.signal }).catch(() => undefined);
    await Promise.race([reader.whenOpen, late]);
    opened.abort();
    done();
  }

  /** Takes nothing more, waits for the handlers that run, and hands back the rest. */
  async close(): Promise<void> {
    this.closing.abort();
    this.reader?.stop();
    await this.held.settle(this.settings.drainMs);
    await this.reader?.stopped();
    this.held.close();
    await this.link.close();
  }

  on(): void {}

  unwrap<T>(): T {
    return this.link as T;
  }

  private handlerOf(pattern: string, handler: MessageHandler): DurableHandler {
    const { name, ...filter } = decodeDurablePattern(pattern);
    const call = async (data: unknown, context: HubbubEventContext) => {
      await lastValueFrom(this.transformToObservable(handler(data, context)), { defaultValue: undefined });
    };
    return { name, filter, call };
  }
}
