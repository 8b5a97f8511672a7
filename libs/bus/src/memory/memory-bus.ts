import { HubbubError, type Subject } from '@hubbub/protocol';
import { Logger } from '@nestjs/common';
import {
  Bus,
  type BusHandler,
  type BusHealth,
  type BusResponder,
  type Gathered,
  type RequestOptions,
  type Subscription,
} from '../bus.js';
import { MemoryBroker } from './memory-broker.js';

/** The bus of a single node, or of several nodes in one process that share a broker. */
export class MemoryBus extends Bus {
  private readonly logger = new Logger(MemoryBus.name);
  private readonly endings = new Set<() => void>();
  private closed = false;

  constructor(
    private readonly nodeId: string,
    private readonly broker: MemoryBroker = new MemoryBroker(),
  ) {
    super();
    broker.nodes.add(nodeId);
  }

  async publish(subject: Subject, payload: Uint8Array): Promise<void> {
    this.assertOpen();
    const handlers = this.broker.subscribersOf(subject);
    if (handlers.length === 0) return;
    // A copy, and later: as with a broker, the publisher may reuse its bytes, and its call is over before anyone hears of it.
    const bytes = payload.slice();
    queueMicrotask(() => {
      for (const handler of handlers) this.deliver(handler, bytes, subject);
    });
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
    const answers: { nodeId: string; payload: Uint8Array }[] = [];
    const waiting = new Set(options.expected);
    const bytes = payload.slice();
    const asked = this.broker.respondersOf(subject).map(async ([nodeId, responder]) => {
      try {
        answers.push({ nodeId, payload: await responder(bytes) });
        waiting.delete(nodeId);
      } catch (error) {
        this.logger.error({ msg: 'bus responder failed', subject, nodeId, err: error });
      }
    });
    let timer: NodeJS.Timeout | undefined;
    const deadline = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, options.deadlineMs);
    });
    await Promise.race([Promise.all(asked), deadline]);
    clearTimeout(timer);
    return { answers: [...answers], missing: [...waiting] };
  }

  async respond(subject: Subject, responder: BusResponder): Promise<Subscription> {
    this.assertOpen();
    return this.ending(this.broker.respond(this.nodeId, subject, responder));
  }

  nodes(): readonly string[] {
    return [...this.broker.nodes];
  }

  health(): BusHealth {
    return { status: this.closed ? 'down' : 'up', type: 'memory' };
  }

  async close(): Promise<void> {
    this.closed = true;
    this.broker.nodes.delete(this.nodeId);
    for (const end of this.endings) end();
    this.endings.clear();
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
