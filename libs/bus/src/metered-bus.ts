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

/** Any bus, counted: what was published and received, what it did not take, handlers that threw, how long answers take. */
export class MeteredBus extends Bus {
  constructor(
    private readonly inner: Bus,
    private readonly metrics: Pick<
      Metrics,
      'busPublished' | 'busReceived' | 'busErrors' | 'busReconnects' | 'busRequestDuration'
    >,
  ) {
    super();
    inner.onReconnect(() => metrics.busReconnects.inc());
  }

  get maxPayloadBytes(): number {
    return this.inner.maxPayloadBytes;
  }

  publish(subject: Subject, payload: Uint8Array): void {
    try {
      this.inner.publish(subject, payload);
    } catch (error) {
      this.metrics.busErrors.inc();
      throw error;
    }
    this.metrics.busPublished.inc();
  }

  override hears(head: string): boolean {
    return this.inner.hears(head);
  }

  subscribe(subject: Subject, handler: BusHandler): Promise<Subscription> {
    const countedHandler: BusHandler = (payload, from) => {
      this.metrics.busReceived.inc();
      try {
        handler(payload, from);
      } catch (error) {
        this.metrics.busErrors.inc();
        throw error;
      }
    };
    return this.counted(() => this.inner.subscribe(subject, countedHandler));
  }

  async request(subject: Subject, payload: Uint8Array, options: RequestOptions): Promise<Gathered> {
    const start = performance.now();
    const gathered = await this.counted(() => this.inner.request(subject, payload, options));
    this.metrics.busRequestDuration.observe((performance.now() - start) / 1000);
    return gathered;
  }

  respond(subject: Subject, responder: BusResponder): Promise<Subscription> {
    const countedResponder: BusResponder = (payload) => this.counted(() => responder(payload));
    return this.counted(() => this.inner.respond(subject, countedResponder));
  }

  health(): BusHealth {
    return this.inner.health();
  }

  onReconnect(listener: () => void): () => void {
    return this.inner.onReconnect(listener);
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
