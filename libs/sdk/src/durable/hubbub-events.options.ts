import type { NodeConnectionOptions } from '@nats-io/transport-node';

export interface HubbubEventsOptions {
  /** NATS servers, as `nats://localhost:4222`. */
  readonly servers: string | readonly string[];
  /** How to sign in there: `user` and `pass`, `token`, `tls`, `authenticator`. */
  readonly nats?: Omit<NodeConnectionOptions, 'servers' | 'name'>;
  /** Name of the reader: under it the stream remembers where it stopped. Letters, digits, `_` and `-`. */
  readonly durable: string;
  /** Where a reader begins that there has not been before: with all that the stream has, or what is new. @default 'all' */
  readonly from?: 'all' | 'new';
  /**
   * Handlers that run at the same time, each for another room (user, connection, node); one that has thrown and waits for its
   * next attempt does not count. @default 16
   */
  readonly concurrency?: number;
  /**
   * How often one process calls a handler for an event before it is given up. One that ends the process is never given up: nobody
   * could tell it from those that were waiting beside it. @default 5
   */
  readonly attempts?: number;
  /** Pause before the next attempt, in ms: doubled each time, up to a minute. @default 1000 */
  readonly retryMs?: number;
  /**
   * When an event counts as lost with the process that had it, in ms. That long a reader may wait after a crash before it goes
   * on; a handler may take longer. @default 10000
   */
  readonly ackWaitMs?: number;
  /** How long handlers may run on at shutdown, in ms; what does not end by then is told again. @default 20000 */
  readonly drainMs?: number;
}

export const DEFAULTS = {
  from: 'all',
  concurrency: 16,
  attempts: 5,
  retryMs: 1000,
  ackWaitMs: 10_000,
  drainMs: 20_000,
} as const;

export type Settings = Required<Omit<HubbubEventsOptions, 'nats' | 'servers'>>;

const MAX_RETRY_MS = 60_000;

export function retryPauseMs(retryMs: number, attempt: number): number {
  return Math.min(MAX_RETRY_MS, retryMs * 2 ** (attempt - 1));
}
