import type { PushData, Session } from '@hubbub/protocol';
import { Addresses } from './addresses.js';
import { Backoff, type BackoffOptions, reconnects } from './backoff.js';
import type { InboundFrame } from './command-entry.js';
import type { CommandError } from './command-error.js';
import { Connection, type ConnectionOptions, type Ending } from './connection.js';

export interface LinkOptions extends ConnectionOptions {
  readonly urls: readonly string[];
  readonly random: () => number;
  readonly backoff: BackoffOptions;
}

/** What a link tells, synchronously and in the order of the frames. */
export interface LinkEvents {
  /** An attempt to connect begins, while there is no connection. */
  attempt(): void;
  /** Connected: `session` is the data of the first frame, `serverNow` the gateway's time, Unix ms. While still connected, this connection takes the other's place. */
  up(session: Session, serverNow: number): void;
  frame(frame: InboundFrame): void;
  /** Another connection is ready: `done` is to be called once nothing is owed on this one, on which nothing new should go. */
  leaving(done: () => void): void;
  /** The other one was lost meanwhile: it goes on here. */
  staying(): void;
  /** Not connected; the next attempt begins in `retryInMs`. */
  down(retryInMs: number, error: CommandError): void;
  /** Ended for good. Null if it was asked for. */
  closed(error: CommandError | null): void;
}

/** A connection that had been open for this long in ms was a good one: the next delays begin small again. */
const STABLE_MS = 5000;
/** How long a draining node's answers are waited for once its successor is ready, in ms. */
const LEAVING_MS = 1000;
const TOKEN_EXPIRED = 4501;
/** Statuses of a refused upgrade that time can mend, beside 5xx: request timeout, too many requests. */
const TEMPORARY = new Set([408, 429]);
const UNAUTHORIZED = 401;
const FORBIDDEN = 403;

type Verdict = 'again' | 'elsewhere' | 'end';

/**
 * One connection after the other, at one address after the other. The next one is sought when there is none, and when the
 * node of the current one is going away: then it is ready before that one is let go.
 */
export class Link {
  /** In use. */
  private current: Connection | null = null;
  /** Being made, or ready and waiting for the current one to be left. */
  private next: Connection | null = null;
  private nextSession: { readonly session: Session; readonly serverNow: number } | null = null;
  /** What came to the next one before it was in use. */
  private early: InboundFrame[] = [];
  private readonly addresses: Addresses;
  private readonly backoff: Backoff;
  private timer: unknown;
  /** When the next attempt begins, Unix ms; null while none is planned. */
  private dueAt: number | null = null;
  private leavingTimer: unknown;
  /** When a draining node asked to be connected to again, Unix ms. */
  private returnAt: number | null = null;
  /** Nothing is tried until `wake`. */
  private isAsleep = false;
  private ended = false;

  constructor(
    private readonly options: LinkOptions,
    private readonly events: LinkEvents,
  ) {
    this.addresses = new Addresses(options.urls, options.random);
    // With one try at each address the delays grow: one that is always away does not slow the others down.
    this.backoff = new Backoff(options.backoff, options.random, this.addresses.count);
  }

  start(): void {
    const { clock } = this.options;
    this.unplan();
    if (this.current === null) this.events.attempt();
    const connection: Connection = new Connection(this.addresses.take(clock.now()), this.options, {
      opened: (session, serverNow) => this.opened(connection, { session, serverNow }),
      frame: (frame) => this.received(connection, frame),
      ended: (ending) => (connection === this.current ? this.lost(ending) : this.failed(connection, ending)),
    });
    this.next = connection;
    void connection.open();
  }

  /** Tries at once instead of at the end of the delay. */
  retryNow(): void {
    if (this.current === null && this.dueAt !== null && !this.isAsleep) this.start();
  }

  /** The device or the page may have slept: tries at once, or finds out whether the connection is still there. */
  wake(): void {
    const wasAsleep = this.isAsleep;
    this.isAsleep = false;
    if (this.current) this.current.check();
    else if (wasAsleep) this.start();
    else this.retryNow();
  }

  /** Finds out whether the connection is still there. */
  check(): void {
    this.current?.check();
  }

  /** Lets the connection go, and makes no other until `wake`. */
  suspend(): void {
    if (this.ended || (this.current === null && this.next === null && this.dueAt === null)) return;
    this.isAsleep = true;
    const message = 'The page was put aside.';
    this.next?.drop(message);
    this.current?.drop(message);
    this.unplan();
  }

  send(frame: string): void {
    this.current?.send(frame);
  }

  /** Ends for good, with a goodbye. */
  stop(): void {
    if (!this.ended) this.finish(null);
  }

  /** Gives the connection up as lost. */
  drop(message: string): void {
    this.current?.drop(message);
  }

  private opened(connection: Connection, opening: NonNullable<Link['nextSession']>): void {
    this.nextSession = opening;
    if (this.current === null) {
      this.change();
      return;
    }
    const change = () => {
      if (connection === this.next) this.change();
    };
    this.leavingTimer = this.options.clock.setTimeout(change, LEAVING_MS);
    this.events.leaving(change);
  }

  /** The next connection is the current one from here on. */
  private change(): void {
    const { current: former, nextSession: opening } = this;
    this.options.clock.clearTimeout(this.leavingTimer);
    this.current = this.next;
    this.next = null;
    this.nextSession = null;
    this.returnAt = null;
    if (former) this.praise(former);
    former?.retire();
    const { current } = this;
    if (current === null || opening === null) return;
    this.events.up(opening.session, opening.serverNow);
    for (const frame of this.early.splice(0)) this.received(current, frame);
  }

  private received(connection: Connection, frame: InboundFrame): void {
    if (connection === this.next) this.early.push(frame);
    if (connection !== this.current) return;
    if (frame.message_type === 'draining') this.sentAway(frame.data as PushData<'draining'>);
    this.events.frame(frame);
  }

  private sentAway({ reconnect_after_ms }: PushData<'draining'>): void {
    this.returnAt = this.options.clock.now() + reconnect_after_ms;
    if (this.current) this.addresses.avoid(this.current.url, this.returnAt);
    // What it asked for has its jitter already. The only address there is has nothing better to offer until it closes.
    if (this.addresses.count > 1 && this.next === null) this.plan(reconnect_after_ms);
  }

  /** The current connection is over. */
  private lost(ending: Ending): void {
    const { clock } = this.options;
    const former = this.current;
    this.current = null;
    if (former) this.praise(former);
    if (this.nextSession) this.change();
    else if (this.verdict(ending) === 'end') this.finish(ending.error);
    else if (this.next) {
      this.events.down(0, ending.error);
      this.events.attempt();
    } else {
      const { returnAt } = this;
      this.returnAt = null;
      if (this.dueAt === null) this.plan(returnAt === null ? this.delay() : Math.max(0, returnAt - clock.now()));
      this.events.down(Math.max(0, (this.dueAt ?? 0) - clock.now()), ending.error);
    }
  }

  /** The connection that was to be the next came to nothing. */
  private failed(connection: Connection, ending: Ending): void {
    if (connection !== this.next) return;
    const { clock } = this.options;
    const wasReady = this.nextSession !== null;
    clock.clearTimeout(this.leavingTimer);
    this.next = null;
    this.nextSession = null;
    this.early = [];
    const verdict = this.verdict(ending);
    if (verdict === 'elsewhere') this.addresses.reject(connection.url);
    if (this.current === null && (verdict === 'end' || this.addresses.isHopeless)) {
      this.finish(ending.error);
      return;
    }
    const restMs = verdict === 'again' ? restOf(ending) : this.options.backoff.maxMs;
    this.addresses.avoid(connection.url, clock.now() + restMs);
    const delay = this.delay();
    this.plan(delay);
    if (this.current === null) this.events.down(delay, ending.error);
    else if (wasReady) this.events.staying();
  }

  private verdict(ending: Ending): Verdict {
    const { tokens } = this.options;
    switch (ending.how) {
      case 'dropped':
        return 'again';
      case 'closed':
        // An expired token ends only those who have no other.
        return reconnects(ending.code) || (ending.code === TOKEN_EXPIRED && tokens.refuse()) ? 'again' : 'end';
      case 'tokenless':
        return ending.error.retryable ? 'again' : 'end';
      case 'malformed':
        return 'elsewhere';
      case 'refused':
        if (ending.status >= 500 || TEMPORARY.has(ending.status)) return 'again';
        if (ending.status === UNAUTHORIZED) return tokens.refuse() ? 'again' : 'end';
        // What every node would say; anything else is said by something that is no gateway.
        return ending.status === FORBIDDEN ? 'end' : 'elsewhere';
    }
  }

  /** The jitter, on top of what the servers asked for. */
  private delay(): number {
    return this.addresses.waitMs(this.options.clock.now()) + this.backoff.next();
  }

  private plan(delayMs: number): void {
    const { clock } = this.options;
    this.unplan();
    this.dueAt = clock.now() + delayMs;
    if (!this.isAsleep) this.timer = clock.setTimeout(() => this.start(), delayMs);
  }

  private unplan(): void {
    this.options.clock.clearTimeout(this.timer);
    this.dueAt = null;
  }

  private praise({ openedAt }: Connection): void {
    if (this.options.clock.now() - openedAt >= STABLE_MS) this.backoff.reset();
  }

  private finish(error: CommandError | null): void {
    const { current, next } = this;
    this.ended = true;
    this.unplan();
    this.options.clock.clearTimeout(this.leavingTimer);
    this.current = null;
    this.next = null;
    this.nextSession = null;
    next?.close();
    current?.close();
    this.events.closed(error);
  }
}

/** How long an address asked to be left alone, in ms. */
function restOf(ending: Ending): number {
  return ending.how === 'refused' ? (ending.retryAfterMs ?? 0) : 0;
}
