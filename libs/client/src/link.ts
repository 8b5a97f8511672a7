import type { PushData, Session } from '@hubbub/protocol';
import { Backoff, type BackoffOptions, reconnects } from './backoff.js';
import type { Clock } from './clock.js';
import type { InboundFrame } from './command-entry.js';
import { CommandError } from './command-error.js';
import { abandon, onRefusal, type Refusal, type WebSocketConstructor, type WebSocketLike } from './socket.js';
import type { TokenSource } from './token-source.js';

export interface LinkOptions {
  readonly url: string;
  readonly tokens: TokenSource;
  readonly WebSocket: WebSocketConstructor;
  readonly clock: Clock;
  readonly random: () => number;
  readonly backoff: BackoffOptions;
  /** How long opening may take, in ms. */
  readonly connectTimeoutMs: number;
  /** How long a silent connection has to answer a ping, in ms. */
  readonly pingTimeoutMs: number;
}

/** What a link tells, synchronously and in the order of the frames. */
export interface LinkEvents {
  /** An attempt to connect begins. */
  attempt(): void;
  /** Connected: `session` is the data of the first frame. */
  up(session: Session): void;
  frame(frame: InboundFrame): void;
  /** Not connected; the next attempt begins in `retryInMs`. */
  down(retryInMs: number, error: CommandError): void;
  /** Ended for good. Null if it was asked for. */
  closed(error: CommandError | null): void;
}

/** A connection that had been open for this long in ms was a good one: the next delays begin small again. */
const STABLE_MS = 5000;
const TOKEN_EXPIRED = 4501;
/** Statuses of a refused upgrade that time can mend, beside 5xx: request timeout, too many requests. */
const TEMPORARY = new Set([408, 429]);
const UNAUTHORIZED = 401;

/** One connection after the other: opens, watches over it, and opens the next one when it is advised to. */
export class Link {
  private socket: WebSocketLike | null = null;
  /** Tells the current socket or attempt from those before it. */
  private generation = 0;
  private readonly backoff: Backoff;
  private session: Session | null = null;
  private openedAt = 0;
  private lastHeard = 0;
  private timer: unknown;
  /** When a draining node asked to be connected to again, Unix ms. */
  private returnAt: number | null = null;
  private waiting = false;
  private ended = false;

  constructor(
    private readonly options: LinkOptions,
    private readonly events: LinkEvents,
  ) {
    this.backoff = new Backoff(options.backoff, options.random);
  }

  start(): void {
    void this.attempt();
  }

  /** Tries at once instead of at the end of the delay. */
  retryNow(): void {
    if (this.waiting) this.start();
  }

  send(frame: string): void {
    this.socket?.send(frame);
  }

  /** Ends for good, with a goodbye. */
  stop(): void {
    if (this.ended) return;
    const { socket } = this;
    this.release();
    socket?.close(1000);
    this.finish(null);
  }

  /** Gives the connection up as lost. */
  drop(message: string): void {
    if (this.ended) return;
    const { socket } = this;
    this.release();
    if (socket) abandon(socket);
    this.retry(new CommandError('Disconnected', { message, retryable: true }));
  }

  private async attempt(): Promise<void> {
    this.release();
    const generation = this.generation;
    const { clock, connectTimeoutMs } = this.options;
    this.timer = clock.setTimeout(() => this.drop('Connecting took too long.'), connectTimeoutMs);
    this.events.attempt();
    let token: string | undefined;
    try {
      token = await this.options.tokens.next('connect');
    } catch (error) {
      if (generation === this.generation) this.tokenFailed(error);
      return;
    }
    if (generation !== this.generation) return;
    try {
      this.open(generation, token === undefined ? ['hubbub.v1'] : ['hubbub.v1', `bearer.${token}`]);
    } catch (cause) {
      // A URL or token that no socket takes.
      this.finish(new CommandError('InvalidFormat', { message: 'The address or the token is malformed.', cause }));
    }
  }

  private open(generation: number, protocols: string[]): void {
    const { WebSocket, url, clock } = this.options;
    const socket = new WebSocket(url, protocols);
    this.socket = socket;
    const isCurrent = () => generation === this.generation;
    socket.addEventListener('message', ({ data }) => {
      if (isCurrent() && typeof data === 'string') this.received(data);
    });
    socket.addEventListener('close', ({ code, reason }) => {
      if (isCurrent()) this.lost(code, reason || trouble);
    });
    let trouble = '';
    // A close event follows. Browsers say no more than that; Node says what the matter was.
    socket.addEventListener('error', (event) => (trouble = (event as { message?: string }).message ?? ''));
    onRefusal(socket, clock, (refusal) => {
      if (!isCurrent()) return;
      this.release();
      abandon(socket);
      this.refused(refusal);
    });
  }

  private received(text: string): void {
    this.lastHeard = this.options.clock.now();
    const frame = parse(text);
    if (frame === null) return;
    if (this.session === null) {
      // `connected` is the first frame; before it there is nobody to give others to.
      if (frame.message_type === 'connected') this.opened(frame.data as Session);
      return;
    }
    if (frame.message_type === 'draining') {
      this.returnAt = this.lastHeard + (frame.data as PushData<'draining'>).reconnect_after_ms;
    }
    this.events.frame(frame);
  }

  private opened(session: Session): void {
    this.session = session;
    this.openedAt = this.lastHeard;
    this.options.tokens.accepted();
    this.watch(session.heartbeat_interval_ms);
    this.events.up(session);
  }

  /** Pings a silent server: browsers do not show the server's pings, and a half-open connection has no other sign. */
  private watch(intervalMs: number): void {
    const { clock, pingTimeoutMs } = this.options;
    clock.clearTimeout(this.timer);
    const silentMs = clock.now() - this.lastHeard;
    if (silentMs < intervalMs) {
      this.timer = clock.setTimeout(() => this.watch(intervalMs), intervalMs - silentMs);
      return;
    }
    const heard = this.lastHeard;
    this.send('{"message_type":"ping"}');
    this.timer = clock.setTimeout(() => {
      if (this.lastHeard === heard) this.drop('The server stopped answering.');
      else this.watch(intervalMs);
    }, pingTimeoutMs);
  }

  private lost(code: number, reason: string): void {
    const what = this.session === null ? 'No connection could be made' : 'The connection was closed';
    this.release();
    const message = `${what}${reason && `: ${reason}`} (code ${code}).`;
    const error = new CommandError('Disconnected', { message, retryable: true });
    // An expired token ends only those who have no other.
    if (reconnects(code) || (code === TOKEN_EXPIRED && this.options.tokens.refuse())) this.retry(error);
    else this.finish(error);
  }

  private refused({ status, retryAfterMs, error }: Refusal): void {
    const temporary = status >= 500 || TEMPORARY.has(status);
    if (temporary || (status === UNAUTHORIZED && this.options.tokens.refuse())) this.retry(error, retryAfterMs);
    else this.finish(error);
  }

  private tokenFailed(cause: unknown): void {
    this.release();
    const { message = String(cause), retryable } = cause as Partial<CommandError>;
    const error = new CommandError('Disconnected', { message, cause, retryable: retryable !== false });
    if (retryable === false) this.finish(cause instanceof CommandError ? cause : error);
    else this.retry(error);
  }

  private retry(error: CommandError, atLeastMs?: number): void {
    const { clock } = this.options;
    const { returnAt } = this;
    this.returnAt = null;
    // What a draining node asked for has its jitter already.
    const delay = returnAt === null ? this.backoff.next(atLeastMs) : Math.max(0, returnAt - clock.now());
    this.timer = clock.setTimeout(() => this.start(), delay);
    this.waiting = true;
    this.events.down(delay, error);
  }

  private finish(error: CommandError | null): void {
    this.ended = true;
    this.release();
    this.events.closed(error);
  }

  /** Lets go of socket, timer and session; events of the former do not count from now on. */
  private release(): void {
    const { clock } = this.options;
    if (this.session && clock.now() - this.openedAt >= STABLE_MS) this.backoff.reset();
    this.generation++;
    this.waiting = false;
    clock.clearTimeout(this.timer);
    this.timer = undefined;
    this.socket = null;
    this.session = null;
  }
}

function parse(text: string): InboundFrame | null {
  try {
    const frame = JSON.parse(text) as InboundFrame | null;
    return typeof frame?.message_type === 'string' ? frame : null;
  } catch {
    return null;
  }
}
