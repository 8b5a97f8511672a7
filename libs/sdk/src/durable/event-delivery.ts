import { setTimeout as delay } from 'node:timers/promises';
import { EVENTS, type EventType, eventId } from '@hubbub/protocol';
import type { JsMsg } from '@nats-io/jetstream';
import { Logger } from '@nestjs/common';
import { type EventFilter, matches, readAddress } from '../events/event-address.js';
import { HubbubEventContext } from '../events/hubbub-event.context.js';
import { Places } from '../events/places.js';
import type { DeadLetter } from './dead-letters.js';
import type { Outcome } from './held-events.js';
import { retryPauseMs, type Settings } from './hubbub-events.options.js';

export interface DurableHandler {
  readonly name: string;
  readonly filter: EventFilter;
  /** Resolves once the handler has ended. */
  readonly call: (data: unknown, context: HubbubEventContext) => Promise<void>;
}

/** Takes an event to its handlers: each is called until it does not throw, or until the event is given up. */
export class EventDelivery {
  private readonly logger = new Logger('Hubbub');
  /** Of handlers that run: one that waits for its next attempt takes none from other rooms. */
  private readonly places: Places;

  constructor(
    private readonly settings: Settings,
    private readonly handlers: readonly DurableHandler[],
    private readonly keep: (letter: DeadLetter) => Promise<void>,
    /** Aborted when the service shuts down: then nothing new begins. */
    private readonly closing: AbortSignal,
  ) {
    this.places = new Places(settings.concurrency);
  }

  /** Never rejects. */
  async deliver(message: JsMsg): Promise<Outcome> {
    if (this.closing.aborted) return 'left';
    const address = readAddress(message.subject);
    const handlers = this.handlers.filter(({ filter }) => matches(filter, address));
    if (handlers.length === 0 || !Object.hasOwn(EVENTS, address.type)) return 'done';
    const type = address.type as EventType;
    const data = dataOf(message);
    const id = (data && eventId(data)) ?? '';
    const about = { type, id, subject: message.subject, streamSeq: message.seq };
    if (data === undefined) return this.giveUp(about, null, 0, 'The event is not a packet of JSON.');
    const isRepeated = message.info.deliveryCount > 1;
    const outcomes = await Promise.all(handlers.map((handler) => this.call(handler, data, { ...about, isRepeated })));
    return outcomes.includes('left') ? 'left' : 'done';
  }

  private async call(handler: DurableHandler, data: unknown, about: About & { isRepeated: boolean }): Promise<Outcome> {
    const { attempts, retryMs } = this.settings;
    for (let attempt = 1; ; attempt++) {
      const isRepeated = about.isRepeated || attempt > 1;
      const context = new HubbubEventContext([{ ...about, attempt, isRepeated }]);
      try {
        return await this.places.hold(async () => {
          if (this.closing.aborted) return 'left';
          await handler.call(structuredClone(data), context);
          return 'done';
        });
      } catch (error) {
        const reason = reasonOf(context.failure ?? error);
        if (attempt >= attempts) return this.giveUp(about, handler.name, attempt, reason);
        const { id, subject } = about;
        this.logger.warn({ msg: 'event is told again', handler: handler.name, subject, id, attempt, reason });
      }
      if (!(await this.pause(retryPauseMs(retryMs, attempt)))) return 'left';
    }
  }

  /** Not before the dead letter is kept: until then the event is in no one else's hands. */
  private async giveUp(about: About, handler: string | null, attempts: number, reason: string): Promise<Outcome> {
    const { id, type, subject, streamSeq } = about;
    const { durable, retryMs } = this.settings;
    const event = { event_id: id, type, subject, stream_seq: streamSeq };
    const letter = { durable, handler, ...event, attempts, reason, timestamp: Date.now() };
    for (let attempt = 1; ; attempt++) {
      try {
        await this.keep(letter);
        this.logger.error({ msg: 'event is given up', ...letter });
        return 'done';
      } catch (err) {
        this.logger.error({ msg: 'dead letter is not kept, trying again', ...letter, err });
      }
      if (!(await this.pause(retryPauseMs(retryMs, attempt)))) return 'left';
    }
  }

  /** @returns false if the service shuts down */
  private async pause(ms: number): Promise<boolean> {
    await delay(ms, undefined, { signal: this.closing }).catch(() => undefined);
    return !this.closing.aborted;
  }
}

interface About {
  readonly type: EventType;
  readonly id: string;
  readonly subject: string;
  readonly streamSeq: number;
}

/** Undefined for what is no event. */
function dataOf(message: JsMsg): object | undefined {
  try {
    const { data } = message.json<{ data?: unknown }>();
    return typeof data === 'object' && data !== null ? data : undefined;
  } catch {
    return undefined;
  }
}

function reasonOf(error: unknown): string {
  if (error instanceof Error) return `${error.name}: ${error.message}`;
  const { message } = (error ?? {}) as { message?: unknown };
  return typeof message === 'string' ? message : String(error);
}
