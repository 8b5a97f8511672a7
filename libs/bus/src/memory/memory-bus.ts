import { HubbubError, type Subject } from '@hubbub/protocol';
import { Logger } from '@nestjs/common';
import { assertFits } from '../assert-fits.js';
import {
  Bus,
  type BusHandler,
  type BusHealth,
  type BusResponder,
  type Gathered,
  MAX_PAYLOAD_BYTES,
  type RequestOptions,
  type Subscription,
} from '../bus.js';
import { Gathering } from '../gathering.js';
import { MemoryBroker } from './memory-broker.js';

/** The bus of a single node, or of several nodes in one process that share a broker. */
export class MemoryBus extends Bus {
  readonly maxPayloadBytes = MAX_PAYLOAD_BYTES;
  private readonly logger = new Logger(MemoryBus.name);
  private readonly endings = new Set<() => void>();
  private readonly gatherings = new Set<Gathering>();
  private closed = false;

  constructor(
    private readonly nodeId: string,
    private readonly broker: MemoryBroker = new MemoryBroker(),
  ) {
    super();
  }

  publish(subject: Subject, payload: Uint8Array): void {
    this.assertOpen();
    assertFits(payload, this.maxPayloadBytes);
    const handlers = this.broker.subscribersOf(subject);
    if (handlers.length === 0) return;
    // Later: as with a broker, the publisher's call is over before anyone hears of it.
    queueMicrotask(() => {
      for (const handler of handlers) this.deliver(handler, payload, subject);
    });
  }

  override hears(head: string): boolean {
    return this.broker.hears(head);
  }

  private deliver(handler: BusHandler, payload: Uint8Array, subject: string): void {
    try {
      handler(payload, subject);
    } catch (error) {
      this.logger.error({ msg: 'bus subscriber failed', subject, err: error });
    }
  }

  async subscribe(subject: Subject, handler: BusHandler): Promise<Subscription> {
    this.assertOpen();
    let live = true;
    const end = this.broker.subscribe(subject, (payload, from) => {
      if (live) handler(payload, from);
    });
    return this.ending(() => {
      live = false;
      end();
    });
  }

  async request(subject: Subject, payload: Uint8Array, options: RequestOptions): Promise<Gathered> {
    this.assertOpen();
    assertFits(payload, this.maxPayloadBytes);
    const gathering = new Gathering(options);
    this.gatherings.add(gathering);
    for (const [nodeId, responder] of this.broker.respondersOf(subject)) {
      void this.ask(nodeId, responder, payload, gathering);
    }
    return gathering.result.finally(() => this.gatherings.delete(gathering));
  }

  private async ask(nodeId: string, responder: BusResponder, payload: Uint8Array, gathering: Gathering): Promise<void> {
    try {
      const answer = await responder(payload);
      assertFits(answer, this.maxPayloadBytes);
      gathering.answer(nodeId, answer);
    } catch (error) {
      this.logger.error({ msg: 'bus responder failed', nodeId, err: error });
      gathering.failed(nodeId);
    }
  }

  async respond(subject: Subject, responder: BusResponder): Promise<Subscription> {
    this.assertOpen();
    return this.ending(this.broker.respond(this.nodeId, subject, responder));
  }

  health(): BusHealth {
    return { status: this.closed ? 'down' : 'up', type: 'memory' };
  }

  /** A broker in the same memory is never away. */
  onReconnect(): () => void {
    return () => {};
  }

  async close(): Promise<void> {
    this.closed = true;
    for (const end of this.endings) end();
    this.endings.clear();
    for (const gathering of this.gatherings) gathering.abandon();
  }

  private ending(end: () => void): Subscription {
    this.endings.add(end);
    return {
      unsubscribe: async () => {
        end();
        this.endings.delete(end);
      },
    };
  }

  private assertOpen(): void {
    if (this.closed) throw new HubbubError('ServerError', { message: 'The bus is closed.' });
  }
}
