import type { Subject } from '@hubbub/protocol';

/** What a subscriber is called with. A throw is logged and harms nobody else. */
export type BusHandler = (payload: Uint8Array, subject: string) => void;

/** Answers a request. A throw or rejection leaves the node among the missing ones. */
export type BusResponder = (payload: Uint8Array) => Uint8Array | Promise<Uint8Array>;

export interface Subscription {
  /** Ends it; nothing is delivered once it has resolved. Safe to call twice. */
  unsubscribe(): Promise<void>;
}

export interface RequestOptions {
  /** Longest wait for the answers, in milliseconds. */
  readonly deadlineMs: number;
  /** Nodes that should answer; the request ends early once all of them have. */
  readonly expected: readonly string[];
}

export interface Gathered {
  readonly answers: readonly { readonly nodeId: string; readonly payload: Uint8Array }[];
  /** Expected nodes that did not answer in time. */
  readonly missing: readonly string[];
}

export interface BusHealth {
  readonly status: 'up' | 'degraded' | 'down';
  readonly type: string;
}

/**
 * Carries events between nodes: at most once, in order per publisher and subject. A hint, never the truth: what it loses is
 * noticed by `seq` and read from the database.
 */
export abstract class Bus {
  /**
   * Hands `payload` to every subscriber, this node's own included. Resolves once the broker connection accepted the bytes,
   * not once anyone received them.
   * @throws HubbubError ServerError while disconnected or closed
   */
  abstract publish(subject: Subject, payload: Uint8Array): Promise<void>;

  /**
   * Delivers what is published to `subject` from now on: `*` stands for one token, a closing `>` for one or more.
   * Resolves once the subscription is in force.
   */
  abstract subscribe(subject: Subject, handler: BusHandler): Promise<Subscription>;

  /** Asks every node that responds to `subject`, and waits until all expected ones answered or the deadline has passed. */
  abstract request(subject: Subject, payload: Uint8Array, options: RequestOptions): Promise<Gathered>;

  /** Answers requests to `subject` as this node. One responder a subject. */
  abstract respond(subject: Subject, responder: BusResponder): Promise<Subscription>;

  /** Nodes known to be there, this one included. */
  abstract nodes(): readonly string[];

  abstract health(): BusHealth;

  /** Ends all subscriptions. Safe to call twice. */
  abstract close(): Promise<void>;
}
