import type { Metrics } from '@hubbub/observability';
import type { Subject } from '@hubbub/protocol';
import {
  Bus,
  type BusHandler,
  type BusHealth,
  type BusResponder,
  type Gathered,
  type RequestOptions,
  type Subscription,
} from './bus.js';

/** Any bus, counted: what was published, what the bus did not take, and handlers that threw. */
export class MeteredBus extends Bus {
  constructor(
    private readonly inner: Bus,
    private readonly metrics: Pick<Metrics, 'busPublished' | 'busErrors'>,
  ) {
    super();
  }

  async publish(subject: Subject, payload: Uint8Array): Promise<void> {
    await this.counted(() => this.inner.publish(subject, payload));
    this.metrics.busPublished.inc();
  }

  subscribe(subject: Subject, handler: BusHandler): Promise<Subscription> {
    const countedHandler: BusHandler = (payload, from) => {
      try {
        handler(payload, from);
      } catch (error) {
        this.metrics.busErrors.inc();
        throw error;
      }
    };
    return this.counted(() => this.inner.subscribe(subject, countedHandler));
  }

  request(subject: Subject, payload: Uint8Array, options: RequestOptions): Promise<Gathered> {
    return this.counted(() => this.inner.request(subject, payload, options));
  }

  respond(subject: Subject, responder: BusResponder): Promise<Subscription> {
    const countedResponder: BusResponder = (payload) => this.counted(() => responder(payload));
    return this.counted(() => this.inner.respond(subject, countedResponder));
  }

  nodes(): readonly string[] {
    return this.inner.nodes();
  }

  health(): BusHealth {
    return this.inner.health();
  }

  close(): Promise<void> {
    return this.inner.close();
  }

  private async counted<T>(work: () => T | Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      this.metrics.busErrors.inc();
      throw error;
    }
  }
}
