import type { CommandData, CommandType, PushData, PushType, ReplyData, Session } from '@hubbub/protocol';
import { Backoff, type BackoffOptions } from './backoff.js';
import type { ClientOptions } from './client-options.js';
import { type Clock, systemClock } from './clock.js';
import type { CommandOptions, InboundFrame } from './command-entry.js';
import { CommandError, closedBy } from './command-error.js';
import { Commands } from './commands.js';
import { Emitter } from './emitter.js';
import {
  type ClientEvents,
  type ClientState,
  isPushType,
  isRoomPush,
  type RoomPush,
  type StateChange,
} from './events.js';
import { Feed } from './feed.js';
import { Inbox } from './inbox.js';
import { Link } from './link.js';
import { ephemeralCommand, messageCommand, type OwnMessages, roomLane, roomOfLane } from './message-command.js';
import type { Position } from './ordered-log.js';
import { Outbox } from './outbox.js';
import { type PageLike, thisPage, watchPage } from './page.js';
import { Room } from './room.js';
import type { JoinOptions, SendOptions } from './room-host.js';
import type { WebSocketConstructor } from './socket.js';
import { TokenRenewal } from './token-renewal.js';
import { TokenSource } from './token-source.js';

const BACKOFF: BackoffOptions = { baseMs: 500, maxMs: 30_000 };

/**
 * A user's connection to a gateway, over all the WebSockets it takes. Its events are the pushes of the protocol and its
 * own (`state`, `lost`, `push`, `error`). Of `room_message` (rooms joined by `join`) and `direct_message` each message
 * comes once and in order, your own at their place, whatever becomes of the connection; what cannot be had is told as
 * `lost`.
 */
export class HubbubClient extends Emitter<ClientEvents> {
  /** One's own messages that are not acknowledged. */
  readonly outbox: Outbox;
  private readonly commands: Commands;
  private readonly link: Link;
  private readonly tokens: TokenSource;
  private readonly renewal: TokenRenewal;
  private readonly inbox: Inbox;
  private readonly rooms = new Map<string, Room>();
  private readonly own: OwnMessages = {
    session: () => this.connection,
    roomMessage: (message) => this.rooms.get(message.room_id)?.sent(message),
    directMessage: (message) => this.inbox.offer(message),
  };
  private readonly clock: Clock;
  private readonly random: () => number;
  private readonly backoff: BackoffOptions;
  private readonly leavePage: () => void;
  private current: ClientState = 'idle';
  private connection: Session | null = null;
  /** Whose messages may be sent again. */
  private lastUserId: string | null = null;
  private everOpen = false;
  /** Why nothing goes any more, once the client has ended. */
  private ending: CommandError | null = null;
  private opening: Promise<Session> | null = null;
  private settleOpening: { resolve(session: Session): void; reject(error: unknown): void } | null = null;

  constructor(options: ClientOptions) {
    super();
    const WebSocket = options.WebSocket ?? (globalThis as { WebSocket?: WebSocketConstructor }).WebSocket;
    if (WebSocket === undefined) throw new Error('There is no WebSocket here: pass one as an option.');
    this.clock = options.clock ?? systemClock;
    this.random = options.random ?? Math.random;
    this.backoff = { ...BACKOFF, ...options.backoff };
    this.tokens = new TokenSource(options.token);
    this.renewal = new TokenRenewal(this.clock, () => this.renewToken());
    const { clock, random, backoff, tokens } = this;
    this.commands = new Commands({
      clock,
      timeoutMs: options.timeoutMs ?? 15_000,
      maxPending: options.maxPending ?? 10_000,
      session: () => this.connection,
      send: (frame) => this.link.send(frame),
      isReady: (lane) => this.isReady(lane),
      unresponsive: () => this.link.drop('The server owed an answer for too long.'),
    });
    this.outbox = new Outbox({
      clock,
      store: options.outbox,
      maxPending: options.maxPending ?? 10_000,
      isReady: (lane) => this.connection !== null && this.connection.user_id !== null && this.isReady(lane),
      isJoined: (roomId) => this.rooms.get(roomId)?.isJoined ?? false,
      request: (message, more) => this.commands.request({ ...messageCommand(message, this.own), ...more }),
      tell: (event) => this.emit('outbox', event),
      failed: (error) => this.emit('error', error),
    });
    this.inbox = new Inbox(
      {
        clock,
        own: (type, data) => this.ask(type, data),
        deliver: (message) => this.emit('direct_message', message),
        lost: (event) => this.emit('lost', event),
      },
      options.inbox,
    );
    this.leavePage = this.followPage(options.page ?? true);
    if (options.userId !== undefined) this.outbox.signedIn(options.userId, false);
    const { connectTimeoutMs = 10_000, pingTimeoutMs = 10_000 } = options;
    const urls = typeof options.url === 'string' ? [options.url] : options.url;
    if (urls.length === 0) throw new Error('There is no address to connect to.');
    this.link = new Link(
      { urls, WebSocket, tokens, clock, random, backoff, connectTimeoutMs, pingTimeoutMs },
      {
        attempt: () => this.become(this.everOpen ? 'recovering' : 'connecting'),
        up: (session, serverNow) => this.up(session, serverNow),
        frame: (frame) => this.frame(frame),
        leaving: (done) => this.commands.hold(done),
        staying: () => this.staying(),
        down: (retryInMs, error) => {
          this.down();
          this.become('offline', { retryInMs, error });
        },
        closed: (error) => this.closed(error),
      },
    );
  }

  get state(): ClientState {
    return this.current;
  }

  /** What the server says of this connection; null while there is none. */
  get session(): Session | null {
    return this.connection;
  }

  /** Up to where direct messages were received; null before the first connection. Keep it to go on there in a later run. */
  get inboxPosition(): Position | null {
    return this.inbox.position;
  }

  /**
   * Connects, and from then on stays connected. Resolves when it is open for the first time, however many attempts that
   * takes; rejects if it ends before.
   */
  connect(): Promise<Session> {
    if (this.opening === null) {
      this.opening = new Promise((resolve, reject) => (this.settleOpening = { resolve, reject }));
      // Whoever does not wait for it learns of its failure by the state.
      this.opening.catch(() => {});
      this.link.start();
    }
    return this.opening;
  }

  /** Ends for good. Whatever is under way fails with Closed. */
  close(): void {
    this.link.stop();
  }

  /** Connects again at once instead of at the end of the delay: the network is back, the page is visible. */
  retryNow(): void {
    this.link.retryNow();
  }

  /**
   * Sends a command; resolves with the data of its reply. Not connected, it waits. `room_message` (unless ephemeral) and
   * `direct_message` are kept over lost connections and sent again with the same key until they are answered; other
   * commands that were sent when the connection was lost fail with Disconnected.
   * Rejects with a CommandError, or the signal's reason.
   */
  command<T extends CommandType>(type: T, data: CommandData<T>, options?: CommandOptions): Promise<ReplyData<T>>;
  /** A command of your own handlers. */
  command<R = unknown>(type: string, data?: unknown, options?: CommandOptions): Promise<R>;
  async command(type: string, data: unknown = {}, options: CommandOptions = {}): Promise<unknown> {
    if (type === 'room_message') return this.post(data as CommandData<'room_message'>, options);
    if (type === 'direct_message') {
      const { target_id: target, content, idempotency_key: key } = data as CommandData<'direct_message'>;
      return this.outbox.send({ type, target, content, key }, options);
    }
    const reply = await this.commands.request({ type, data, ...options });
    if (type === 'authenticate') await this.authenticated(reply as Session, data as CommandData<'authenticate'>);
    if (type === 'join_room') this.outbox.entered(roomLane((data as CommandData<'join_room'>).room_id));
    return reply;
  }

  /**
   * Sends a command that is answered with a stream; its items come as they do, for one reader (`for await`), who ends it by
   * reading no more, or by the signal. Ends with the stream; fails as `command` does, with Disconnected when the connection
   * is lost, and with QueueFull when more than 10,000 items wait for the reader.
   */
  stream<T = unknown>(
    type: string,
    data: unknown = {},
    { signal }: { signal?: AbortSignal } = {},
  ): AsyncIterableIterator<T, undefined> {
    const stopping = new AbortController();
    const onAbort = () => feed.end({ error: signal?.reason });
    const feed: Feed<T> = new Feed(() => {
      signal?.removeEventListener('abort', onAbort);
      stopping.abort();
    });
    signal?.addEventListener('abort', onAbort);
    if (signal?.aborted) onAbort();
    const onItem = (item: unknown) => feed.push(item as T);
    this.command(type, data, { onItem, signal: stopping.signal, timeoutMs: Number.POSITIVE_INFINITY }).then(
      () => feed.end(),
      (error: unknown) => feed.end({ error }),
    );
    return feed;
  }

  /** The room of this id, joined or not. */
  room(roomId: string): Room {
    let room = this.rooms.get(roomId);
    if (room === undefined) this.rooms.set(roomId, (room = this.newRoom(roomId)));
    return room;
  }

  /** Joins a room, now and after every lost connection; as `Room.join`. */
  async join(roomId: string, options?: JoinOptions): Promise<Room> {
    const room = this.room(roomId);
    await room.join(options);
    return room;
  }

  /** Sends a direct message. Resolves when it is stored, as `Room.send`. */
  sendDirect(
    targetId: string,
    content: unknown,
    options: Omit<SendOptions, 'ephemeral'> = {},
  ): Promise<ReplyData<'direct_message'>> {
    const { idempotencyKey, ...rest } = options;
    return this.command('direct_message', { target_id: targetId, content, ...key(idempotencyKey) }, rest);
  }

  private post(data: CommandData<'room_message'>, options: CommandOptions): Promise<unknown> {
    if (data.ephemeral) return this.commands.request({ ...ephemeralCommand(data, this.own), ...options });
    const { room_id: target, content, idempotency_key: key } = data;
    return this.outbox.send({ type: 'room_message', target, content, key }, options);
  }

  private isReady(lane: string): boolean {
    return this.rooms.get(roomOfLane(lane) ?? '')?.isReady ?? true;
  }

  /** A command of the client's own: on this connection or not at all, and its answer must come. */
  private ask(type: string, data: object, onReply?: (data: unknown) => void): Promise<unknown> {
    return this.commands.request({ type, data, now: true, watched: true, ...(onReply && { onReply }) });
  }

  private newRoom(roomId: string): Room {
    return new Room(roomId, {
      clock: this.clock,
      ending: () => this.ending,
      isConnected: () => this.connection !== null,
      userId: () => this.lastUserId,
      newBackoff: () => new Backoff(this.backoff, this.random),
      own: (type, data, onReply) => this.ask(type, data, onReply),
      send: (room_id, content, { idempotencyKey, ephemeral, ...options }) =>
        this.command(
          'room_message',
          { room_id, content, ...key(idempotencyKey), ...(ephemeral && { ephemeral }) },
          options,
        ),
      deliver: (message) => this.emit('room_message', message),
      lost: (event) => this.emit('lost', event),
      entered: (id) => {
        this.commands.pump(roomLane(id));
        this.outbox.entered(roomLane(id));
      },
      gone: (id, error) => {
        this.commands.rejectLane(roomLane(id), error);
        this.outbox.reject(roomLane(id), error);
      },
    });
  }

  private followPage(asked: boolean | PageLike): () => void {
    const page = asked === true ? thisPage() : asked;
    if (!page) return () => {};
    return watchPage(page, {
      wake: () => {
        this.link.wake();
        this.outbox.adopt();
      },
      offline: () => this.link.check(),
      suspend: () => {
        this.link.suspend();
        this.outbox.suspend();
      },
    });
  }

  private up(session: Session, serverNow: number): void {
    const isMove = this.connection !== null;
    if (isMove) {
      this.down();
      this.become('recovering');
    }
    this.identified(session);
    this.renewal.connected(session.expires_at, serverNow);
    this.commands.open();
    // Joins leave before what waited: much of that needs the rooms.
    const recovery = [...this.rooms.values()].map((room) => room.connected());
    recovery.push(this.inbox.connected(session, isMove));
    this.commands.flush();
    this.outbox.pumpAll();
    this.emit('connected', session);
    void Promise.all(recovery).then(() => {
      if (this.connection?.connection_id !== session.connection_id) return;
      this.everOpen = true;
      this.become('open');
      this.settleOpening?.resolve(this.connection);
    });
  }

  private staying(): void {
    this.commands.open();
    this.commands.flush();
    this.outbox.pumpAll();
  }

  private identified(session: Session): void {
    this.connection = session;
    if (this.lastUserId !== null && session.user_id !== this.lastUserId) this.commands.userChanged();
    this.lastUserId = session.user_id ?? this.lastUserId;
    this.outbox.signedIn(session.user_id, session.anonymous);
  }

  private down(): void {
    this.connection = null;
    this.renewal.stop();
    for (const room of this.rooms.values()) room.disconnected();
    this.inbox.disconnected();
    this.commands.disconnected();
  }

  private closed(error: CommandError | null): void {
    const ending = closedBy(error);
    this.ending = ending;
    this.connection = null;
    this.renewal.stop();
    this.leavePage();
    this.inbox.disconnected();
    for (const room of this.rooms.values()) room.closed(ending);
    this.outbox.close(ending);
    this.commands.close(ending);
    this.settleOpening?.reject(ending);
    this.become('closed', error ? { error } : {});
  }

  private become(state: ClientState, more: Omit<StateChange, 'state' | 'previous'> = {}): void {
    const previous = this.current;
    if (state === previous) return;
    this.current = state;
    this.emit('state', { state, previous, ...more });
  }

  private frame(frame: InboundFrame): void {
    const { message_type: type, data } = frame;
    if (frame.request_id !== undefined) this.commands.answer(frame);
    else if (type === 'error') this.emit('error', CommandError.from(data));
    else if (isPushType(type)) this.push(type, data);
    // Answers to the link's pings and to cancels, which carry no id.
    else if (type !== 'pong' && type !== 'cancelled') this.emit('push', { type, data });
  }

  private push(type: PushType, data: unknown): void {
    const room = isRoomPush(type) ? this.rooms.get((data as { room_id: string }).room_id) : undefined;
    if (type === 'direct_message') this.inbox.offer(data as PushData<'direct_message'>);
    else if (type === 'room_message' && room && !room.isOut) room.push(type, data as PushData<'room_message'>);
    else {
      this.emit(type, data as never);
      if (room && !room.isOut) room.push(type as RoomPush, data as never);
      if (type === 'token_expiring') void this.renewal.due();
      // By a service. Told before, so that whoever listens has the room's events from the first message on.
      if (type === 'room_joined') this.room((data as PushData<'room_joined'>).room_id).letIn(data as never);
      if (type === 'room_left') this.rooms.get((data as PushData<'room_left'>).room_id)?.takenOut();
    }
  }

  /** @returns whether there is nothing more to do about it */
  private async renewToken(): Promise<boolean> {
    if (!this.tokens.isRenewable) return true;
    try {
      const token = await this.tokens.next('expiring');
      if (token !== undefined) await this.command('authenticate', { token });
      return true;
    } catch (cause) {
      const message = 'The token could not be renewed.';
      this.emit('error', cause instanceof CommandError ? cause : new CommandError('Unknown', { message, cause }));
      return false;
    }
  }

  private async authenticated(session: Session, { token }: CommandData<'authenticate'>): Promise<void> {
    this.tokens.replace(token);
    if (this.connection?.connection_id !== session.connection_id) return;
    this.identified(session);
    this.outbox.pumpAll();
    this.renewal.expires(session.expires_at);
    await this.inbox.connected(session);
  }
}

function key(idempotencyKey: string | undefined): { idempotency_key?: string } {
  return idempotencyKey === undefined ? {} : { idempotency_key: idempotencyKey };
}
