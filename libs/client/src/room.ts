import type { Member, ReplyData, Room as RoomData, RoomMessage } from '@hubbub/protocol';
import type { Backoff } from './backoff.js';
import { CommandError } from './command-error.js';
import { Emitter } from './emitter.js';
import type { LeaveReason, PushEvents, RoomEvents, RoomPush } from './events.js';
import { Feed } from './feed.js';
import { type Loss, OrderedLog, type Position } from './ordered-log.js';
import type { JoinOptions, RoomHost, SendOptions } from './room-host.js';
import { RoomPresence } from './room-presence.js';

/** Pushes that may come before the answer to the join that they belong to. */
const MAX_EARLY = 1000;
/** Most missed messages that are read after a long absence, unless told otherwise. */
const CATCH_UP = 10_000;

type Caller = { resolve(reply: ReplyData<'join_room'>): void; reject(error: unknown): void };

/**
 * One room. Once joined it is joined again after every lost connection, and goes on where it was: `room_message` brings
 * each message once, in the order of `seq`, your own at their place. So does `for await (const message of room)`, until you
 * are out of the room or the client ends: begun as soon as `join` has resolved, with all that came from the join on,
 * otherwise with what comes from then on.
 */
export class Room extends Emitter<RoomEvents> implements AsyncIterable<RoomMessage> {
  private state: 'out' | 'joining' | 'in' = 'out';
  private options: JoinOptions = {};
  private caller: Caller | null = null;
  private readonly log: OrderedLog<RoomMessage>;
  private early: RoomMessage[] = [];
  /** Tells the current attempt to join from those before it. */
  private attempt = 0;
  private retryTimer: unknown;
  private readonly backoff: Backoff;
  private current: RoomData | null = null;
  private readonly people: RoomPresence;
  private readonly feeds = new Set<Feed<RoomMessage>>();
  /** What came with the join, until whoever awaits it has had his turn. */
  private fresh: RoomMessage[] | null = null;

  constructor(
    readonly id: string,
    private readonly host: RoomHost,
  ) {
    super();
    this.backoff = host.newBackoff();
    this.log = new OrderedLog<RoomMessage>(
      {
        read: (after) => this.read(after),
        deliver: (message) => this.deliver(message),
        lost: (loss) => this.tellLost(loss),
        renumbered: () => void this.joinAnew(),
      },
      host.clock,
    );
    this.people = new RoomPresence((cursor, onReply) => {
      const data = { room_id: id, limit: 200, ...(cursor !== undefined && { cursor }) };
      const page = host.own('room_members', data, (reply) => onReply(reply as ReplyData<'room_members'>));
      return page as Promise<ReplyData<'room_members'>>;
    });
  }

  /** Who is here. Kept up to date from the first look at it on. */
  get presence(): RoomPresence {
    this.people.watch();
    return this.people;
  }

  /** Messages for one reader: each call brings another, who misses none that the others take. */
  [Symbol.asyncIterator](): AsyncIterator<RoomMessage, undefined> {
    const feed: Feed<RoomMessage> = new Feed(() => this.feeds.delete(feed));
    this.feeds.add(feed);
    for (const message of this.fresh ?? []) feed.push(message);
    return feed;
  }

  /** The room as last heard of; null before the first join. */
  get info(): RoomData | null {
    return this.current;
  }

  get isJoined(): boolean {
    return this.state === 'in';
  }

  /** Up to where everything was received; null while not joined. Keep it to go on there in a later run. */
  get position(): Position | null {
    return this.log.position;
  }

  /**
   * Joins, as soon as there is a connection, and stays in until `leave`, a kick, a ban or the end of the room.
   * Rejects with the server's error, with AlreadyInRoom if joined or joining, and with Closed.
   */
  join(options: JoinOptions = {}): Promise<ReplyData<'join_room'>> {
    const ending = this.host.ending();
    if (ending) return Promise.reject(ending);
    if (this.state !== 'out') {
      return Promise.reject(new CommandError('AlreadyInRoom', { code: 3004, message: 'In this room already.' }));
    }
    this.options = options;
    this.state = 'joining';
    if (options.since) this.log.start(options.since);
    return new Promise((resolve, reject) => {
      this.caller = { resolve, reject };
      if (this.host.isConnected()) void this.enter();
    });
  }

  /** Leaves. Messages that were not sent yet fail; those under way are carried out. */
  async leave(): Promise<void> {
    if (this.state === 'out') return;
    this.end('asked');
    if (this.host.isConnected()) await this.stepOut();
  }

  /**
   * Posts a message. Resolves when it is stored. It is kept over lost connections and sent again until the server has
   * answered; rejects with the server's error.
   */
  send(content: unknown, options: SendOptions = {}): Promise<ReplyData<'room_message'>> {
    return this.host.send(this.id, content, options);
  }

  /** Messages of the log, oldest first: before or after a `seq`, or the latest. */
  async history(options: { before?: number; after?: number; limit?: number } = {}): Promise<ReplyData<'room_history'>> {
    return (await this.host.own('room_history', { room_id: this.id, ...options })) as ReplyData<'room_history'>;
  }

  /** Everybody in the room, with states: as many pages as it takes. */
  async members(): Promise<Member[]> {
    const members: Member[] = [];
    let cursor: string | undefined;
    do {
      const data = { room_id: this.id, limit: 200, ...(cursor === undefined ? {} : { cursor }) };
      const page = (await this.host.own('room_members', data)) as ReplyData<'room_members'>;
      members.push(...page.members);
      cursor = page.next_cursor;
    } while (cursor !== undefined);
    return members;
  }

  /** @internal Neither in nor on the way in. */
  get isOut(): boolean {
    return this.state === 'out';
  }

  /** @internal Whether messages may leave: while joining they wait. */
  get isReady(): boolean {
    return this.state !== 'joining';
  }

  /** @internal Connected: joins, or joins again. Resolves after one attempt, when nothing is missing if that was good. */
  async connected(): Promise<void> {
    if (this.state !== 'out') await this.enter();
  }

  /** @internal */
  disconnected(): void {
    this.abandonAttempt();
    this.log.suspend();
    if (this.state === 'in') this.state = 'joining';
  }

  /** @internal The client ended. */
  closed(error: CommandError): void {
    this.disconnected();
    this.state = 'out';
    this.caller?.reject(error);
    this.caller = null;
    for (const feed of this.feeds) feed.end();
  }

  /** @internal The reply to a message of one's own, which takes its place among the others. */
  sent(message: RoomMessage): void {
    if (this.state !== 'out' && message.epoch === this.log.position?.epoch) this.log.offer([message]);
  }

  /** @internal */
  push<T extends RoomPush>(type: T, data: PushEvents[T]): void {
    if (type === 'room_message') {
      this.pushed(data as PushEvents['room_message']);
      return;
    }
    this.learn(type, data);
    this.emit(type, data as RoomEvents[T]);
    const mine = (data as { user_id?: string }).user_id === this.host.userId();
    if (type === 'room_deleted') this.end('deleted');
    else if (type === 'member_kicked' && mine) this.end('kicked');
    else if (type === 'member_set' && mine && (data as PushEvents['member_set']).role === 'banned') this.end('banned');
  }

  /** @internal A service has let this connection in. While joining, the answer to that settles it. */
  letIn(reply: ReplyData<'join_room'>): void {
    if (this.state !== 'out') return;
    this.abandonAttempt();
    const { attempt } = this;
    this.options = {};
    this.entered(reply, null);
    this.log.resume().catch((error: unknown) => {
      if (attempt === this.attempt) void this.refused(error as CommandError);
    });
  }

  /** @internal A service has taken this connection out. */
  takenOut(): void {
    this.end('taken_out');
  }

  private learn(type: RoomPush, data: unknown): void {
    if (type === 'room_updated') this.current = (data as PushEvents['room_updated']).room;
    else if (type === 'member_kicked') this.people.kicked((data as PushEvents['member_kicked']).user_id);
    else if (type === 'presence' && this.current) {
      this.current = { ...this.current, member_count: (data as PushEvents['presence']).member_count };
      this.people.pushed(data as PushEvents['presence']);
    }
  }

  private pushed(message: RoomMessage): void {
    if (this.state === 'joining') {
      if (this.early.length < MAX_EARLY) this.early.push(message);
    } else if (message.epoch === this.log.position?.epoch) this.log.offer([message]);
    else if (this.state === 'in') void this.joinAnew();
  }

  /** One attempt to join, on this connection. */
  private async enter(): Promise<void> {
    const attempt = ++this.attempt;
    this.state = 'joining';
    this.early = [];
    const since = this.log.position;
    const { history } = this.options;
    const data = { room_id: this.id, ...(since && { since }), ...(history !== undefined && { history }) };
    try {
      await this.host.own('join_room', data, (reply) => {
        if (attempt === this.attempt) this.entered(reply as ReplyData<'join_room'>, since);
      });
      if (attempt === this.attempt) await this.log.resume();
    } catch (error) {
      if (attempt === this.attempt) await this.refused(error as CommandError);
    }
  }

  private entered(reply: ReplyData<'join_room'>, since: Position | null): void {
    this.state = 'in';
    this.current = reply.room;
    this.backoff.reset();
    this.people.entered(reply);
    if (since === null || this.caller) this.collect();
    this.emit('joined', { reply, resumed: since !== null });
    if (since?.epoch === reply.epoch && reply.seq >= since.seq && reply.room.history === 'durable') this.goOn(reply);
    else this.startOver(reply, since !== null);
    this.log.offer(this.early.splice(0).filter((message) => message.epoch === reply.epoch));
    this.caller?.resolve(reply);
    this.caller = null;
    this.host.entered(this.id);
  }

  private collect(): void {
    this.fresh = [];
    this.host.clock.setTimeout(() => (this.fresh = null), 0);
  }

  private deliver(message: RoomMessage): void {
    this.fresh?.push(message);
    for (const feed of this.feeds) feed.push(message);
    this.emit('room_message', message);
    this.host.deliver(message);
  }

  /** Takes what the reply brings, and reads from the history what it does not. */
  private goOn({ seq, recovered, missed, messages }: ReplyData<'join_room'>): void {
    const { catchUp = CATCH_UP } = this.options;
    if (!recovered && missed > catchUp) this.log.skipTo(Math.min(seq - catchUp, (messages[0]?.seq ?? seq + 1) - 1));
    this.log.offer(messages);
    this.log.expect(seq);
  }

  private startOver({ epoch, seq, messages }: ReplyData<'join_room'>, isBack: boolean): void {
    if (isBack) this.tellLost({ missed: 0 });
    this.log.start({ epoch, seq: (messages[0]?.seq ?? seq + 1) - 1 });
    this.log.offer(messages);
    this.log.expect(seq);
  }

  private async refused(error: CommandError): Promise<void> {
    // The next connection tries again; a closed client has told the caller.
    if (error.name === 'Disconnected' || error.name === 'Closed') return;
    if (error.name === 'AlreadyInRoom') await this.joinAnew();
    else if (error.retryable && this.caller === null) {
      const { attempt } = this;
      const again = () => {
        if (attempt === this.attempt) void this.enter();
      };
      this.retryTimer = this.host.clock.setTimeout(again, this.backoff.next(error.retryAfterMs));
    } else this.end('refused', error);
  }

  /** The server and this side disagree about the membership or the log: out and in again clears it up. */
  private async joinAnew(): Promise<void> {
    const attempt = ++this.attempt;
    this.state = 'joining';
    this.log.suspend();
    await this.stepOut();
    if (attempt === this.attempt) await this.enter();
  }

  private abandonAttempt(): void {
    this.attempt++;
    this.host.clock.clearTimeout(this.retryTimer);
  }

  private async stepOut(): Promise<void> {
    // Whatever the answer is, this connection is not in the room after it.
    await this.host.own('leave_room', { room_id: this.id }).catch(() => {});
  }

  private end(reason: LeaveReason, error?: CommandError): void {
    if (this.state === 'out') return;
    const { caller } = this;
    this.caller = null;
    this.abandonAttempt();
    this.state = 'out';
    this.log.stop();
    this.people.ended();
    for (const feed of this.feeds) feed.end();
    const why = error ?? new CommandError('NotInRoom', { code: 3003, message: 'Not in this room.' });
    this.host.gone(this.id, why);
    if (caller) caller.reject(why);
    else this.emit('left', error ? { reason, error } : { reason });
  }

  private async read(after: number): Promise<{ epoch: string; messages: RoomMessage[] }> {
    return this.history({ after, limit: 200 });
  }

  private tellLost(loss: Loss): void {
    this.emit('lost', loss);
    this.host.lost({ room_id: this.id, ...loss });
  }
}
