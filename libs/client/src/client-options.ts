import type { BackoffOptions } from './backoff.js';
import type { Clock } from './clock.js';
import type { Position } from './ordered-log.js';
import type { OutboxStore } from './outbox-store.js';
import type { PageLike } from './page.js';
import type { WebSocketConstructor } from './socket.js';
import type { TokenProvider } from './token-source.js';

export interface ClientOptions {
  /**
   * `ws:` or `wss:` address of the gateway, its path included: `wss://chat.example.com/ws`. Or those of several nodes: it
   * begins at any of them, and goes on to another when a node is lost, refuses or is going away.
   */
  readonly url: string | readonly string[];
  /** Who connects: a token, or what gives one whenever one is needed. Without it, `authenticate` or anonymous access. */
  readonly token?: string | TokenProvider | undefined;
  /** @default the global one; Node 20 has none: pass that of the package `ws` */
  readonly WebSocket?: WebSocketConstructor | undefined;
  /** How long an answer may take, in ms. @default 15000 */
  readonly timeoutMs?: number | undefined;
  /** Most commands, and most messages, that wait for a connection or an answer; more fail with QueueFull. @default 10000 */
  readonly maxPending?: number | undefined;
  /** How long connecting may take, the token provider included, in ms. @default 10000 */
  readonly connectTimeoutMs?: number | undefined;
  /** How long a silent connection has to answer a ping, in ms. @default 10000 */
  readonly pingTimeoutMs?: number | undefined;
  /**
   * Delays between attempts: full jitter up to a bound that doubles, once every address was tried, from `baseMs` (500) to
   * `maxMs` (30000).
   */
  readonly backoff?: Partial<BackoffOptions> | undefined;
  /**
   * Keeps one's own messages until they are acknowledged, over reloads: `indexedDbOutbox()` of `@hubbub/client/indexed-db`,
   * `fileOutbox(path)` of `@hubbub/client/file`.
   * @default memory alone
   */
  readonly outbox?: OutboxStore | undefined;
  /**
   * Who is signed in, where the application knows that before the gateway says it: from then on his messages are kept in
   * the outbox, and those of earlier runs are in `outbox.entries()`.
   * @default nobody before the first connection
   */
  readonly userId?: string | undefined;
  /**
   * Whether to follow the page that this runs in: looks after the connection when the page is seen again or the network
   * changes, and lets it go while the browser keeps the page aside.
   * @default where there is one; tests bring their own
   */
  readonly page?: boolean | PageLike | undefined;
  /** Where an earlier run had come to in the inbox: what came since follows as `direct_message`. */
  readonly inbox?: Position | undefined;
  /** For tests. */
  readonly clock?: Clock | undefined;
  /** For tests: as `Math.random`. */
  readonly random?: (() => number) | undefined;
}
