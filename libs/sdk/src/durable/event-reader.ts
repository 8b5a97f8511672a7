import { setTimeout as delay } from 'node:timers/promises';
import {
  AckPolicy,
  type Consumer,
  type ConsumerMessages,
  DeliverPolicy,
  JetStreamApiError,
  jetstream,
  jetstreamManager,
} from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import { Logger } from '@nestjs/common';
import type { HeldEvents } from './held-events.js';
import type { Settings } from './hubbub-events.options.js';

export const EVENT_STREAM = 'HUBBUB_EVENTS';
const CONSUMER_NOT_FOUND = 10_014;
const STREAM_NOT_FOUND = 10_059;
const NANOS_PER_MS = 1_000_000;
const RETRY_MS = 1000;
/** How long the stream may take to fill one pull: that long a shutdown may wait for it to be over. */
const PULL_MS = 2000;

/** Reads the stream of events by a durable consumer, for as long as it is not closed. */
export class EventReader {
  private readonly logger = new Logger('Hubbub');
  private readonly closing = new AbortController();
  private batch: ConsumerMessages | null = null;
  private reading: Promise<void> = Promise.resolve();
  private isFailing = false;
  /** Whether there is a consumer, as far as is known. */
  isReading = false;
  private isOver = false;
  private opened!: () => void;
  /** Resolves once there is a consumer. */
  readonly whenOpen = new Promise<void>((resolve) => (this.opened = resolve));

  /** @param filter the one subscription that has all events */
  constructor(
    private readonly settings: Settings & { readonly filter: string; readonly maxPending: number },
    private readonly held: HeldEvents,
  ) {}

  start(connection: NatsConnection): void {
    this.reading = this.readOn(connection);
  }

  /** Asks for nothing more. */
  stop(): void {
    this.closing.abort();
    this.opened();
    this.held.wake();
  }

  /**
   * Resolves once nothing comes any more. Where something is to be handed back, what was asked for is waited for: a pull that
   * nobody waits for takes from the stream what was handed back, and keeps it until its time is up.
   */
  async stopped(): Promise<void> {
    const end = () => {
      this.isOver = true;
      this.batch?.stop();
    };
    const timer = setTimeout(end, this.held.isEmpty ? 0 : PULL_MS);
    await this.reading;
    clearTimeout(timer);
  }

  private get isClosed(): boolean {
    return this.closing.signal.aborted;
  }

  private async readOn(connection: NatsConnection): Promise<void> {
    while (!this.isClosed) {
      try {
        await this.read(await this.open(connection));
      } catch (error) {
        if (this.isClosed) return;
        this.failed(error);
        await delay(RETRY_MS, undefined, { signal: this.closing.signal }).catch(() => undefined);
      }
    }
  }

  private async read(consumer: Consumer): Promise<void> {
    const { num_ack_pending: owed, delivered } = await consumer.info(true);
    this.held.resume(owed, delivered.stream_seq);
    this.succeeded();
    while (!this.isClosed) {
      await this.held.untilRoom();
      if (this.isClosed) return;
      this.batch = await consumer.fetch({ max_messages: this.held.room, expires: PULL_MS });
      if (this.isOver) this.batch.stop();
      for await (const message of this.batch) this.held.take(message);
    }
  }

  /** Makes the consumer at the first time. What else of it an operator changes, stays. @throws Error if there is no stream */
  private async open(connection: NatsConnection): Promise<Consumer> {
    const { durable, from, ackWaitMs, filter, maxPending } = this.settings;
    const { consumers } = await jetstreamManager(connection, { checkAPI: false });
    const found = await consumers.info(EVENT_STREAM, durable).catch(ifNone);
    const config = { filter_subject: filter, ack_wait: ackWaitMs * NANOS_PER_MS, max_ack_pending: maxPending };
    if (found === null) {
      await consumers.add(EVENT_STREAM, {
        ...config,
        durable_name: durable,
        ack_policy: AckPolicy.Explicit,
        deliver_policy: from === 'new' ? DeliverPolicy.New : DeliverPolicy.All,
      });
    } else if (Object.entries(config).some(([key, value]) => found.config[key as keyof typeof config] !== value)) {
      await consumers.update(EVENT_STREAM, durable, config);
    }
    return jetstream(connection, { checkAPI: false }).consumers.get(EVENT_STREAM, durable);
  }

  private failed(error: unknown): void {
    this.isReading = false;
    if (this.isFailing) return;
    this.isFailing = true;
    const msg = isMissing(error, STREAM_NOT_FOUND)
      ? `there is no stream ${EVENT_STREAM} yet (bus.jetstream at the gateways makes it): waiting`
      : 'events cannot be read, trying again';
    this.logger.warn({ msg, durable: this.settings.durable, err: error });
  }

  private succeeded(): void {
    this.opened();
    this.isReading = true;
    this.logger.log({
      msg: this.isFailing ? 'events are read again' : 'events are read',
      durable: this.settings.durable,
    });
    this.isFailing = false;
  }
}

function isMissing(error: unknown, code: number): boolean {
  return error instanceof JetStreamApiError && error.code === code;
}

function ifNone(error: unknown): null {
  if (isMissing(error, CONSUMER_NOT_FOUND)) return null;
  throw error;
}
