import type { NodeConnectionOptions } from '@nats-io/transport-node';

/** Where the gateways are, and who asks. At least one of `servers` and `http`. */
export interface HubbubClientOptions {
  /** NATS servers, as `nats://localhost:4222`: for events, and for commands unless `http` is set. */
  readonly servers?: string | readonly string[];
  /** How to sign in at NATS: `user` and `pass`, `token`, `tls`, `authenticator`. */
  readonly nats?: Omit<NodeConnectionOptions, 'servers' | 'name'>;
  /** Base URL of a gateway, as `http://gateway:8080`: commands go there. Without `servers` there are no events. */
  readonly http?: string;
  /**
   * This service's own token, or what gets one that is good now: it is called for each command. Not needed over NATS where
   * the gateways have `services.trust_nats`.
   */
  readonly token?: string | (() => string | Promise<string>);
  /** Name of this service. Of its instances one gets each event, so it is needed for `@OnHubbubEvent`. */
  readonly name?: string;
  /** How long one attempt of a command may take, in ms. @default 15000, longer than the gateway's own limit */
  readonly timeoutMs?: number;
  /** How often a message is sent again, with the same key, after a failure that may pass. @default 3 */
  readonly retries?: number;
  /** Events that handlers without `durable` work on at the same time. @default 64 */
  readonly concurrency?: number;
}

export const DEFAULT_TIMEOUT_MS = 15_000;
export const DEFAULT_RETRIES = 3;
export const DEFAULT_CONCURRENCY = 64;
