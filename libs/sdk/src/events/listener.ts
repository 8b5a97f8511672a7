import { randomUUID } from 'node:crypto';
import { type EventType, eventId } from '@hubbub/protocol';
import type { Msg } from '@nats-io/transport-node';
import { Logger } from '@nestjs/common';
import { matches, readAddress } from './event-address.js';
import type { FoundHandler } from './event-handlers.js';
import { HubbubEventContext } from './hubbub-event.context.js';
import type { Lanes } from './lanes.js';

/** Events that wait for one handler; what comes above it is dropped, as it may be: it is told at most once. */
const MAX_WAITING = 10_000;

/** A handler that hears events while it is there: in the order in which they come, of each room and the like. */
export class Listener {
  readonly name = this.handler.name;
  readonly event = this.handler.event;
  private readonly logger = new Logger('Hubbub');
  private waiting = 0;
  private dropped = 0;

  constructor(
    private readonly handler: FoundHandler,
    /** Undefined: each instance hears each event. */
    readonly queue: string | undefined,
    private readonly lanes: Lanes,
  ) {}

  take(message: Msg): void {
    const address = readAddress(message.subject);
    if (!matches(this.event, address)) return;
    if (this.waiting >= MAX_WAITING) return this.drop();
    this.waiting++;
    this.lanes.run(`${this.name} ${address.lane}`, async () => {
      await this.handle(message);
      if (--this.waiting === 0) this.dropped = 0;
    });
  }

  /** Never rejects: who throws harms nobody else. */
  private async handle(message: Msg): Promise<void> {
    const { subject } = message;
    try {
      const { data } = message.json<{ data: unknown }>();
      const id = eventId(data) ?? randomUUID();
      const type = this.event.type satisfies EventType;
      await this.handler.call(data, new HubbubEventContext([{ id, type, subject, attempt: 1, isRepeated: false }]));
    } catch (error) {
      this.logger.error({ msg: 'event handler failed', handler: this.name, subject, err: error });
    }
  }

  private drop(): void {
    if (this.dropped++ > 0) return;
    this.logger.warn({
      msg: 'event handler is too slow: events are dropped',
      handler: this.name,
      waiting: MAX_WAITING,
    });
  }
}
