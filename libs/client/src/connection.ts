import type { Session } from '@hubbub/protocol';
import type { Clock } from './clock.js';
import type { InboundFrame } from './command-entry.js';
import { CommandError } from './command-error.js';
import { abandon, onRefusal, type WebSocketConstructor, type WebSocketLike } from './socket.js';
import type { TokenSource } from './token-source.js';

export interface ConnectionOptions {
  readonly tokens: TokenSource;
  readonly WebSocket: WebSocketConstructor;
  readonly clock: Clock;
  /** How long opening may take, in ms. */
  readonly connectTimeoutMs: number;
  /** How long a silent connection has to answer a ping, in ms. */
  readonly pingTimeoutMs: number;
}

/** How a connection ended, or why none was made. */
export type Ending = { readonly error: CommandError } & (
  | { readonly how: 'closed'; readonly code: number }
  | { readonly how: 'refused'; readonly status: number; readonly retryAfterMs: number | undefined }
  /** Given up on this side. */
  | { readonly how: 'dropped' }
  /** No token could be had. */
  | { readonly how: 'tokenless' }
  /** A URL or token that no socket takes. */
  | { readonly how: 'malformed' }
);

export interface ConnectionEvents {
  /** Connected: `session` is the data of the first frame, `serverNow` the gateway's time in it, Unix ms. */
  opened(session: Session, serverNow: number): void;
  frame(frame: InboundFrame): void;
  /** Over, however that came about. Once, and nothing after it. */
  ended(ending: Ending): void;
}

/** How long a connection that may have been lost in sleep has to answer, in ms. */
const CHECK_MS = 5000;
/** How long a connection that was replaced may take to be closed by its server, in ms. */
const FAREWELL_MS = 10_000;

/** One WebSocket, from the token to the end: opens it, and watches over it. */
export class Connection {
  /** When it was open, Unix ms; 0 before. */
  openedAt = 0;
  private socket: WebSocketLike | null = null;
  private isOver = false;
  private lastHeard = 0;
  private timer: unknown;
  private heartbeatMs = 0;
  /** Whether anything came since the last ping. */
  private isAnswered = false;

  constructor(
    readonly url: string,
    private readonly options: ConnectionOptions,
    private readonly events: ConnectionEvents,
  ) {}

  async open(): Promise<void> {
    const { clock, connectTimeoutMs, tokens } = this.options;
    this.timer = clock.setTimeout(() => this.drop('Connecting took too long.'), connectTimeoutMs);
    let token: string | undefined;
    try {
      token = await tokens.next('connect');
    } catch (error) {
      this.end({ how: 'tokenless', error: tokenError(error) });
      return;
    }
    if (this.isOver) return;
    try {
      this.connect(token === undefined ? ['hubbub.v1'] : ['hubbub.v1', `bearer.${token}`]);
    } catch (cause) {
      const message = 'The address or the token is malformed.';
      this.end({ how: 'malformed', error: new CommandError('InvalidFormat', { message, cause }) });
    }
  }

  send(frame: string): void {
    this.socket?.send(frame);
  }

  /** Asks for a sign of life now: the device may have slept, or lost its network. */
  check(): void {
    if (this.openedAt > 0 && !this.isOver) this.ping(Math.min(this.options.pingTimeoutMs, CHECK_MS));
  }

  /** Says goodbye. No event follows. */
  close(): void {
    if (this.finish()) this.socket?.close(1000);
  }

  /** Gives it up as lost. */
  drop(message: string): void {
    this.end({ how: 'dropped', error: new CommandError('Disconnected', { message, retryable: true }) });
    if (this.socket) abandon(this.socket);
  }

  /**
   * Leaves it to the server to close it, as another has taken its place: a goodbye would be told to others as leaving. No
   * event follows.
   */
  retire(): void {
    if (!this.finish()) return;
    const { socket } = this;
    const { clock } = this.options;
    if (socket === null) return;
    const timer = clock.setTimeout(() => abandon(socket), FAREWELL_MS);
    socket.addEventListener('close', () => clock.clearTimeout(timer));
  }

  private connect(protocols: string[]): void {
    const { WebSocket, clock } = this.options;
    const socket = new WebSocket(this.url, protocols);
    this.socket = socket;
    socket.addEventListener('message', ({ data }) => {
      if (!this.isOver && typeof data === 'string') this.received(data);
    });
    socket.addEventListener('close', ({ code, reason }) => this.closed(code, reason || trouble));
    let trouble = '';
    // A close event follows. Browsers say no more than that; Node says what the matter was.
    socket.addEventListener('error', (event) => (trouble = (event as { message?: string }).message ?? ''));
    onRefusal(socket, clock, (refusal) => {
      this.end({ how: 'refused', ...refusal });
      abandon(socket);
    });
  }

  private received(text: string): void {
    this.lastHeard = this.options.clock.now();
    this.isAnswered = true;
    const frame = parse(text);
    if (frame === null) return;
    if (this.openedAt > 0) this.events.frame(frame);
    // `connected` is the first frame; before it there is nobody to give others to.
    else if (frame.message_type === 'connected') this.opened(frame.data as Session, frame.timestamp);
  }

  private opened(session: Session, serverNow: number): void {
    this.openedAt = this.lastHeard;
    this.options.tokens.accepted();
    this.heartbeatMs = session.heartbeat_interval_ms;
    this.watch();
    this.events.opened(session, serverNow);
  }

  /** Pings a silent server: browsers do not show the server's pings, and a half-open connection has no other sign. */
  private watch(): void {
    const { clock, pingTimeoutMs } = this.options;
    clock.clearTimeout(this.timer);
    const silentMs = clock.now() - this.lastHeard;
    if (silentMs >= this.heartbeatMs) this.ping(pingTimeoutMs);
    else this.timer = clock.setTimeout(() => this.watch(), this.heartbeatMs - silentMs);
  }

  private ping(timeoutMs: number): void {
    const { clock } = this.options;
    clock.clearTimeout(this.timer);
    this.isAnswered = false;
    this.send('{"message_type":"ping"}');
    this.timer = clock.setTimeout(() => {
      if (!this.isAnswered) this.drop('The server stopped answering.');
      else this.watch();
    }, timeoutMs);
  }

  private closed(code: number, reason: string): void {
    const what = this.openedAt > 0 ? 'The connection was closed' : 'No connection could be made';
    const message = `${what}${reason && `: ${reason}`} (code ${code}).`;
    const details = { close_code: code };
    this.end({ how: 'closed', code, error: new CommandError('Disconnected', { message, retryable: true, details }) });
  }

  private end(ending: Ending): void {
    if (this.finish()) this.events.ended(ending);
  }

  /** @returns false if it was over before */
  private finish(): boolean {
    if (this.isOver) return false;
    this.isOver = true;
    this.options.clock.clearTimeout(this.timer);
    return true;
  }
}

function tokenError(cause: unknown): CommandError {
  const { message = String(cause), retryable } = cause as Partial<CommandError>;
  if (cause instanceof CommandError && retryable === false) return cause;
  return new CommandError('Disconnected', { message, cause, retryable: retryable !== false });
}

function parse(text: string): InboundFrame | null {
  try {
    const frame = JSON.parse(text) as InboundFrame | null;
    return typeof frame?.message_type === 'string' ? frame : null;
  } catch {
    return null;
  }
}
