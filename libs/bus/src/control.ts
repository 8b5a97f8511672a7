import { syncSubject } from '@hubbub/protocol';
import { Injectable, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { Bus, type Subscription } from './bus.js';

/** Longest wait for the acknowledgement of a node. */
const DEADLINE_MS = 5000;
const SUBJECT = syncSubject('control');

/** `never`: each handler names the shape it takes, as in `({ user }: { user: string }) => …`. */
type Handler = (data: never) => unknown;

export interface Confirmation<R> {
  /** What the handler of each node returned. */
  readonly results: readonly R[];
  /** How many nodes confirmed. */
  readonly nodes: number;
  /** Nodes that did not answer, or failed. */
  readonly unconfirmed: readonly string[];
}

/** Control messages to all nodes, this one included, acknowledged by each: revocation, disconnecting, broadcast. */
@Injectable()
export class Control implements OnModuleInit, OnApplicationShutdown {
  private readonly handlers = new Map<string, Handler>();
  private subscription: Subscription | undefined;

  constructor(private readonly bus: Bus) {}

  async onModuleInit(): Promise<void> {
    this.subscription = await this.bus.respond(SUBJECT, async (payload) => {
      const { name, data } = JSON.parse(Buffer.from(payload).toString()) as { name: string; data: unknown };
      const handler = this.handlers.get(name);
      if (handler === undefined) throw new Error(`nothing handles the control message ${name}`);
      return Buffer.from(JSON.stringify((await handler(data as never)) ?? null));
    });
  }

  async onApplicationShutdown(): Promise<void> {
    await this.subscription?.unsubscribe();
  }

  /** Handles the control messages of one name. @throws if it is handled already */
  handle(name: string, handler: Handler): void {
    if (this.handlers.has(name)) throw new Error(`the control message ${name} has a handler already`);
    this.handlers.set(name, handler);
  }

  /** Tells every node and waits for their confirmations. @throws HubbubError ServerError if the bus is away */
  async call<R>(name: string, data: object): Promise<Confirmation<R>> {
    const { answers, missing } = await this.bus.request(SUBJECT, Buffer.from(JSON.stringify({ name, data })), {
      deadlineMs: DEADLINE_MS,
      expected: this.bus.nodes(),
    });
    const results = answers.map(({ payload }) => JSON.parse(Buffer.from(payload).toString()) as R);
    return { results, nodes: answers.length, unconfirmed: missing };
  }
}
