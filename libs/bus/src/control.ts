import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { syncSubject } from '@hubbub/protocol';
import { Injectable, Logger, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { Bus, type Subscription } from './bus.js';
import { NodeInfo } from './node-info.js';
import { Nodes } from './nodes.js';

/** Longest wait for the acknowledgements of all nodes. */
const DEADLINE_MS = 2000;
/** After so long those are asked again who have not answered: the question or the answer may be lost. */
const ATTEMPT_MS = 500;
/** For so long a node knows what it has answered: longer than anybody asks, and than a bus delays. */
const REMEMBER_MS = 10_000;
const SUBJECT = syncSubject('control');

/** `never`: each handler names the shape it takes, as in `({ user }: { user: string }) => …`. */
type Handler = (data: never) => unknown;

interface Message {
  readonly id: string;
  readonly name: string;
  readonly data: unknown;
}

/** `failed`: the handler threw; there is no use in asking again. */
type Answer = { readonly result: unknown } | { readonly failed: true };

export interface Confirmation<R> {
  /** What the handler of each node returned. */
  readonly results: readonly R[];
  /** How many nodes confirmed. */
  readonly nodes: number;
  /** Nodes that did not answer, or failed. */
  readonly unconfirmed: readonly string[];
}

/**
 * Control messages to all nodes, this one included, acknowledged by each: revocation, disconnecting, broadcast. Nodes that do
 * not answer are asked again; each handles a message once, however often it comes.
 */
@Injectable()
export class Control implements OnModuleInit, OnApplicationShutdown {
  private readonly logger = new Logger(Control.name);
  private readonly handlers = new Map<string, Handler>();
  /** By id, the oldest first. */
  private readonly handled = new Map<string, { readonly at: number; readonly answer: Promise<Answer> }>();
  private subscription: Subscription | undefined;

  constructor(
    private readonly bus: Bus,
    private readonly nodes: Nodes,
    private readonly node: NodeInfo,
  ) {}

  async onModuleInit(): Promise<void> {
    if (!this.node.clustered) await this.listen();
  }

  /** Answers from now on. In a cluster the registry says when: not before it is sure that this node's name is its own. */
  async listen(): Promise<void> {
    this.subscription = await this.bus.respond(SUBJECT, async (payload) => {
      const answer = await this.answerOnce(JSON.parse(Buffer.from(payload).toString()) as Message);
      return Buffer.from(JSON.stringify(answer));
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

  /**
   * Tells every node and waits for their confirmations, for two seconds at most. Where the bus is away, only this node confirms.
   * @throws HubbubError MessageTooLarge; ServerError once the bus is closed
   */
  async call<R>(name: string, data: object): Promise<Confirmation<R>> {
    const message: Message = { id: randomUUID(), name, data };
    const expected = this.nodes.alive();
    const answers = await this.ask(Buffer.from(JSON.stringify(message)), expected);
    const results = [...answers.values()].flatMap((answer) => ('result' in answer ? [answer.result as R] : []));
    // One that is gone by now has nothing left to do it to.
    const asked = new Set([...expected.filter((nodeId) => this.nodes.has(nodeId)), ...answers.keys()]);
    const isConfirmed = (nodeId: string) => 'result' in (answers.get(nodeId) ?? {});
    return { results, nodes: results.length, unconfirmed: [...asked].filter((nodeId) => !isConfirmed(nodeId)) };
  }

  private async ask(payload: Uint8Array, expected: readonly string[]): Promise<Map<string, Answer>> {
    const answers = new Map<string, Answer>();
    const end = performance.now() + DEADLINE_MS;
    let missing = expected;
    while (missing.length > 0) {
      const until = Math.min(end, performance.now() + ATTEMPT_MS);
      const deadlineMs = until - performance.now();
      if (deadlineMs <= 0) break;
      const gathered = await this.bus.request(SUBJECT, payload, { deadlineMs, expected: missing });
      for (const { nodeId, payload: answer } of gathered.answers) {
        answers.set(nodeId, JSON.parse(Buffer.from(answer).toString()) as Answer);
      }
      missing = expected.filter((nodeId) => !answers.has(nodeId));
      if (missing.length === 0 || this.bus.health().status === 'down') break;
      await sleep(Math.max(0, until - performance.now()));
    }
    return answers;
  }

  private answerOnce(message: Message): Promise<Answer> {
    const now = performance.now();
    for (const [id, { at }] of this.handled) {
      if (now - at < REMEMBER_MS) break;
      this.handled.delete(id);
    }
    const known = this.handled.get(message.id);
    if (known !== undefined) return known.answer;
    const answer = this.answer(message);
    this.handled.set(message.id, { at: now, answer });
    return answer;
  }

  private async answer({ name, data }: Message): Promise<Answer> {
    try {
      const handler = this.handlers.get(name);
      if (handler === undefined) throw new Error(`nothing handles the control message ${name}`);
      return { result: (await handler(data as never)) ?? null };
    } catch (error) {
      this.logger.error({ msg: 'control message failed', name, err: error });
      return { failed: true };
    }
  }
}
