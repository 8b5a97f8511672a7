import type { Subject } from '@hubbub/protocol';

/** What a NATS server takes by default, 1 MiB, less what the head of a request may need. */
export const MAX_PAYLOAD_BYTES = 1_048_576 - 1024;

/** What a subscriber is called with. A throw is logged and harms nobody else. */
export type BusHandler = (payload: Uint8Array, subject: string) => void;

/** Answers a request. A throw or rejection leaves the node among the missing ones. */
export type BusResponder = (payload: Uint8Array) => Uint8Array | Promise<Uint8Array>;

export interface Subscription {
  /** Ends it; nothing is delivered from the call on. Safe to call twice. */
  unsubscribe(): Promise<void>;
}

export interface RequestOptions {
  /** Longest wait for the answers, in milliseconds. */
  readonly deadlineMs: number;
  /** Nodes that should answer; the request ends early once all of them have. */
  readonly expected: readonly string[];
}

export interface Gathered {
  /** At most one of each node. */
  readonly answers: readonly { readonly nodeId: string; readonly payload: Uint8Array }[];
  /** Expected nodes that did not answer in time. */
  readonly missing: readonly string[];
}

export interface BusHealth {
  /** `degraded`: connected, but the broker does not answer. `down`: not connected, or closed. */
  readonly status: 'up' | 'degraded' | 'down';
  readonly type: string;
}

/**
 * Carries events between nodes: at most once, in order per publisher and subject. A hint, never the truth: what it loses is
 * noticed by `seq` and read from the database. It finds its broker by itself, also one that is away at the start or comes
 * back, and subscriptions outlive that.
 */
export abstract class Bus {
  /** Largest payload that is published, asked or answered. */
  abstract readonly maxPayloadBytes: number;

  /**
   * Hands `payload` to every subscriber, this node's own included. Cheap, and over at once: nobody knows whether anyone
   * received it. What a broker that does not keep up has not taken yet is kept up to a bound, above which nothing more is
   * accepted until it has caught up: what is lost are the newest, and the rest stays in order.
   * @param payload the bus's from now on: not to be changed any more
   * @throws HubbubError ServerError while disconnected, above that bound or closed; MessageTooLarge
   */
  abstract publish(subject: Subject, payload: Uint8Array): void;

  /**
   * Whether anybody may be subscribed to subjects that begin with these two tokens, as `hubbub.evt`: what nobody can hear
   * need not be composed. A broker does not tell.
   */
  hears(_head: string): boolean {
    return true;
  }

  /**
   * Delivers what is published to `subject` from now on: `*` stands for one token, a closing `>` for one or more.
   * Resolves once the subscription is in force, or with a broker that is away or does not answer at once: then it comes
   * into force when the broker is back, which `onReconnect` tells.
   * @throws HubbubError ServerError once closed
   */
  abstract subscribe(subject: Subject, handler: BusHandler): Promise<Subscription>;

  /**
   * Asks every node that responds to `subject`, and waits until all expected ones answered or the deadline has passed.
   * While disconnected, this node's own answer is all there is, at once.
   * @throws HubbubError ServerError once closed, also while waiting; MessageTooLarge
   */
  abstract request(subject: Subject, payload: Uint8Array, options: RequestOptions): Promise<Gathered>;

  /** Answers requests to `subject` as this node. One responder a subject. Otherwise as `subscribe`. */
  abstract respond(subject: Subject, responder: BusResponder): Promise<Subscription>;

  abstract health(): BusHealth;

  /**
   * Calls `listener` whenever the bus is whole again after it was not, all subscriptions being in force: what was published
   * meanwhile did not arrive.
   * @returns stops it
   */
  abstract onReconnect(listener: () => void): () => void;

  /** Ends all subscriptions and requests; nothing is delivered from the call on. Safe to call twice. */
  abstract close(): Promise<void>;
}
