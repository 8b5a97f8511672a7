import type { NatsConnection, Subscription } from '@nats-io/transport-node';
import { Inject, Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { HUBBUB_CLIENT_OPTIONS } from '../hubbub-client.definition.js';
import { DEFAULT_CONCURRENCY, DEFAULT_TIMEOUT_MS, type HubbubClientOptions } from '../hubbub-client.options.js';
import { NatsLink } from '../nats/nats-link.js';
import { subscriptionOf } from './event-address.js';
import { EventHandlers, type FoundHandler } from './event-handlers.js';
import { Lanes } from './lanes.js';
import { Listener } from './listener.js';

/** Subscribes what `@OnHubbubEvent` marks in this application, but for the durable ones. */
@Injectable()
export class EventListeners implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger('Hubbub');
  private readonly lanes: Lanes;
  private readonly listeners: Listener[] = [];
  private subscriptions: Subscription[] = [];
  private isLeaving = false;

  constructor(
    private readonly handlers: EventHandlers,
    @Inject(NatsLink) private readonly link: NatsLink | null,
    @Inject(HUBBUB_CLIENT_OPTIONS) private readonly options: HubbubClientOptions,
  ) {
    this.lanes = new Lanes(options.concurrency ?? DEFAULT_CONCURRENCY);
  }

  async onApplicationBootstrap(): Promise<void> {
    const found = this.handlers.find();
    if (found.length === 0) return;
    if (this.link === null)
      throw new Error('events come over NATS: HubbubClientModule needs `servers` for @OnHubbubEvent');
    const { link } = this;
    const names = new Map<string, number>();
    for (const handler of found) {
      const namesakes = names.get(handler.name) ?? 0;
      names.set(handler.name, namesakes + 1);
      this.listeners.push(new Listener(handler, this.queueOf(handler, namesakes), this.lanes));
    }
    link.onConnection((connection) => this.subscribe(connection));
    // Who listens after the start should hear what happens after it, unless there is no NATS yet.
    const connection = await link.connected(this.options.timeoutMs ?? DEFAULT_TIMEOUT_MS).catch(() => null);
    if (connection === null) this.logger.warn({ msg: 'nothing is heard of the gateways before nats is there' });
    else await connection.flush();
  }

  /** Takes nothing more, and waits for what runs. */
  async onModuleDestroy(): Promise<void> {
    this.isLeaving = true;
    for (const subscription of this.subscriptions) subscription.unsubscribe();
    await this.lanes.idle();
  }

  private subscribe(connection: NatsConnection): void {
    if (this.isLeaving) return;
    for (const listener of this.listeners) {
      const { event, queue } = listener;
      const spaces = event.ephemeral ? (['evt', 'eph'] as const) : (['evt'] as const);
      for (const space of spaces) {
        this.subscriptions.push(
          connection.subscribe(subscriptionOf(event, space), {
            ...(queue === undefined ? {} : { queue }),
            callback: (error, message) => {
              if (error === null) listener.take(message);
              else this.logger.warn({ msg: 'nats subscription failed', handler: listener.name, err: error });
            },
          }),
        );
      }
    }
  }

  /**
   * Each handler is a queue of its own: NATS gives an event to one subscription of a queue, also where two of them are
   * different methods of one service.
   */
  private queueOf({ name, event }: FoundHandler, namesakes: number): string | undefined {
    if (event.everyInstance) return undefined;
    const { name: service } = this.options;
    if (service === undefined) {
      throw new Error(`${name}: HubbubClientModule needs a \`name\`, by which instances of one service share events`);
    }
    return [service, name, ...(namesakes === 0 ? [] : [namesakes])].join('.').replaceAll(/\s/g, '_');
  }
}
