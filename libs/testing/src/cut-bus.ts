import {
  Bus,
  type BusHandler,
  type BusHealth,
  type BusResponder,
  type Gathered,
  type RequestOptions,
  type Subscription,
} from '@hubbub/bus';
import { HubbubError, type Subject } from '@hubbub/protocol';

/** Any bus, until it is cut: from then on the node hears nothing, says nothing and answers nobody, as one that has died. */
export class CutBus extends Bus {
  private isCut = false;

  constructor(private readonly inner: Bus) {
    super();
  }

  cut(): void {
    this.isCut = true;
  }

  get maxPayloadBytes(): number {
    return this.inner.maxPayloadBytes;
  }

  publish(subject: Subject, payload: Uint8Array): void {
    this.assertWhole();
    this.inner.publish(subject, payload);
  }

  subscribe(subject: Subject, handler: BusHandler): Promise<Subscription> {
    this.assertWhole();
    return this.inner.subscribe(subject, (payload, from) => {
      if (!this.isCut) handler(payload, from);
    });
  }

  async request(subject: Subject, payload: Uint8Array, options: RequestOptions): Promise<Gathered> {
    this.assertWhole();
    const gathered = await this.inner.request(subject, payload, options);
    this.assertWhole();
    return gathered;
  }

  respond(subject: Subject, responder: BusResponder): Promise<Subscription> {
    this.assertWhole();
    // Never settled once it is cut: who asks finds out by his deadline, as with a process that is gone.
    return this.inner.respond(subject, async (payload) => {
      if (this.isCut) return new Promise<Uint8Array>(() => {});
      return responder(payload);
    });
  }

  health(): BusHealth {
    const { type, status } = this.inner.health();
    return { type, status: this.isCut ? 'down' : status };
  }

  onReconnect(listener: () => void): () => void {
    return this.inner.onReconnect(() => {
      if (!this.isCut) listener();
    });
  }

  close(): Promise<void> {
    return this.inner.close();
  }

  private assertWhole(): void {
    if (this.isCut) throw new HubbubError('ServerError', { message: 'The bus is cut.' });
  }
}
