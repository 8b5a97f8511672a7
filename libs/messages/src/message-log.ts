import { randomBytes } from 'node:crypto';
import { HubbubConfig } from '@hubbub/config';
import { HubbubError } from '@hubbub/protocol';
import type { Deferred } from '@hubbub/transport';
import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { LogTails } from './log-tails.js';
import { LogWriter } from './log-writer.js';
import { type KnownHead, MessageStore, type StoredRange } from './message-store.js';
import type { Appended, LoggedMessage, LogHead, LogPosition, NewRoomMessage } from './messages.js';
import { fitsWhole, fittingPage } from './page-size.js';

/** A page of history, oldest first. */
export interface HistoryPage {
  readonly epoch: string;
  readonly messages: readonly LoggedMessage[];
  /** There are older ones (asked for with `before` or without a bound), or newer ones (`after`). */
  readonly hasMore: boolean;
}

export interface HistoryOptions {
  /** Only numbers below; the newest of them. */
  readonly before?: number;
  /** Only numbers above; the oldest of them. */
  readonly after?: number;
  readonly limit: number;
}

interface Load {
  readonly after: number;
  readonly upTo: number;
  readonly range: Promise<StoredRange | null>;
}

/** Fewest messages read at once for a recovery: others who come back will want about the same. */
const LOAD_AT_LEAST = 100;

/** The messages of rooms: numbered without a gap, kept, and read back. The database is the truth, a tail in memory the quick way. */
@Injectable()
export class MessageLog {
  private readonly loads = new Map<string, Load>();

  constructor(
    private readonly store: MessageStore,
    private readonly writer: LogWriter,
    private readonly tails: LogTails,
    private readonly config: HubbubConfig,
  ) {}

  /** Makes the log of a new room, inside the room's transaction. */
  async create(manager: EntityManager, roomId: string): Promise<{ epoch: string }> {
    const epoch = randomBytes(9).toString('base64url');
    await this.store.create(manager, roomId, epoch);
    return { epoch };
  }

  /**
   * Ends the log of a room, inside the room's transaction; its messages are deleted in the background. Call `forget` after the
   * commit. A room made again under this id has another epoch and counts from 1.
   */
  remove(manager: EntityManager, roomId: string): Promise<void> {
    return this.store.detach(manager, roomId);
  }

  /** Drops what is held in memory of a room: after its removal, or when another node changed it. */
  forget(roomId: string): void {
    this.tails.forget(roomId);
  }

  /** Where there are other nodes: from now on this one is told of all that is redacted in the room, and may keep its tail. */
  follow(roomId: string): void {
    this.tails.follow(roomId);
  }

  unfollow(roomId: string): void {
    this.tails.unfollow(roomId);
  }

  /** Where there are other nodes: the next message of a room that is followed, whichever node took it. */
  arrived(message: LoggedMessage): void {
    if (this.tails.followedOnly) this.tails.add(message);
  }

  /**
   * Joins the commit that is being gathered. Settled synchronously, in the order of `seq`, after the commit; rejected with
   * RoomNotFound, or ServerError when nothing was stored.
   */
  append(message: NewRoomMessage): Deferred<Appended> {
    return this.writer.appendToRoom(message);
  }

  /** @throws HubbubError RoomNotFound, ServerError */
  async head(roomId: string): Promise<LogHead> {
    return (await this.store.head(roomId)) ?? notFound();
  }

  /**
   * Where the logs of rooms stand that are not where they are known to be; rooms that are no more are left out.
   * @param known taken portion by portion, so that the event loop goes on
   * @throws HubbubError ServerError
   */
  movedHeads(known: Iterable<KnownHead>): Promise<Map<string, LogPosition>> {
    return this.store.movedHeads(known);
  }

  /**
   * What a reader has not got, from the database itself: the messages after `after`, at most `limit`, with the head and the
   * floor of the same moment. Null if the room is no more.
   * @throws HubbubError ServerError
   */
  missing(roomId: string, after: number, limit: number): Promise<StoredRange | null> {
    return this.store.read(roomId, { after, before: after + limit + 1, limit });
  }

  /**
   * A page of history; without a bound, the newest. It holds fewer than `limit` where they would be larger together than
   * `limits.send_buffer_bytes`. A reader that names `before` is served from memory where it can be.
   * @throws HubbubError RoomNotFound, ServerError
   */
  async history(roomId: string, options: HistoryOptions): Promise<HistoryPage> {
    const held = this.heldPage(roomId, options);
    if (held !== null) return held;
    const newest = options.after === undefined;
    const { head, messages } = await this.tails.reading(
      roomId,
      async () => (await this.store.read(roomId, { ...options, newest, maxBytes: this.maxBytes })) ?? notFound(),
      (range) => (newest && this.beginsTail(roomId, range) ? range : null),
    );
    return this.pageOf(head, messages, options);
  }

  /**
   * Everything with `since.seq < seq <= upTo`, oldest first, or null when not all of it can be had: another epoch, `since`
   * beyond `upTo`, more than `history.recover_max`, no longer kept (PROTOCOL §7.4), or larger together than
   * `limits.send_buffer_bytes`: such an answer would end a slow reader, who would come back for the same one.
   * @param upTo the head that the reader is to arrive at; must not be beyond the log's
   * @throws HubbubError ServerError
   */
  async recover(roomId: string, since: LogPosition, upTo: number): Promise<readonly LoggedMessage[] | null> {
    const missed = upTo - since.seq;
    if (missed < 0 || missed > this.config.history.recoverMax) return null;
    const held = this.tails.get(roomId, since.epoch)?.slice(since.seq, upTo);
    if (held) return this.whole(held);
    const shared = await this.load(roomId, since.seq, upTo);
    let messages = missedOf(shared, since, upTo);
    // A reading that goes further, of another, may have ended before this part, by what is large above it.
    const isBeyond = (shared?.messages.at(-1)?.seq ?? 0) > upTo;
    if (messages === null && isBeyond) messages = missedOf(await this.readTail(roomId, upTo, missed), since, upTo);
    return messages && this.whole(messages);
  }

  /** No answer has more. */
  private get maxBytes(): number {
    return this.config.limits.sendBufferBytes;
  }

  private whole(messages: readonly LoggedMessage[]): readonly LoggedMessage[] | null {
    return fitsWhole(messages, this.maxBytes) ? messages : null;
  }

  /** One message; null where the room keeps none with this number. */
  async find(roomId: string, seq: number): Promise<LoggedMessage | null> {
    const held = this.tails.get(roomId)?.slice(seq - 1, seq)?.[0];
    if (held !== undefined) return held;
    const range = await this.store.read(roomId, { after: seq - 1, before: seq + 1, limit: 1 });
    return range?.messages[0] ?? null;
  }

  /**
   * Erases the content of a message, inside a transaction; its number stays. Call `redacted` after the commit.
   * @throws HubbubError MessageNotFound
   */
  async redact(manager: EntityManager, roomId: string, seq: number): Promise<void> {
    if (!(await this.store.redact(manager, roomId, seq))) throw new HubbubError('MessageNotFound');
  }

  /** The content of a message was erased, here or at another node: what is in memory of it goes too. */
  redacted(roomId: string, seq: number): void {
    this.tails.redact(roomId, seq);
  }

  private heldPage(roomId: string, { before, after, limit }: HistoryOptions): HistoryPage | null {
    const tail = this.tails.get(roomId);
    if (tail === undefined || (before === undefined && after === undefined)) return null;
    // Where the range ends for certain: the tail may lag behind the log.
    const from = after ?? Math.max((before as number) - 1 - limit, tail.floor);
    const upTo = Math.min(before === undefined ? Infinity : before - 1, after === undefined ? Infinity : after + limit);
    const messages = from <= upTo ? tail.slice(from, upTo) : null;
    if (messages === null) return null;
    return this.pageOf({ epoch: tail.epoch, seq: tail.last, floor: tail.floor }, messages, { before, after, limit });
  }

  private pageOf(head: LogHead, found: readonly LoggedMessage[], { before, after }: HistoryOptions): HistoryPage {
    const messages = fittingPage(found, after === undefined, this.maxBytes);
    const first = messages[0]?.seq;
    const last = messages.at(-1)?.seq;
    const hasMore =
      after === undefined
        ? first !== undefined && first - 1 > head.floor
        : last !== undefined && last < Math.min(head.seq, (before ?? Infinity) - 1);
    return { epoch: head.epoch, messages, hasMore };
  }

  /** Reads the log down to `after` or further; those who ask for about the same at the same time share one reading. */
  private load(roomId: string, after: number, upTo: number): Promise<StoredRange | null> {
    const running = this.loads.get(roomId);
    if (running !== undefined && running.after <= after && running.upTo >= upTo) return running.range;
    const known = this.tails.get(roomId)?.size ?? 0;
    // Twice what is held already: many who come back, each from a little further, take few readings.
    const limit = Math.max(upTo - after, Math.min(2 * known, this.config.history.recoverMax), LOAD_AT_LEAST);
    const load: Load = { after: Math.max(0, upTo - limit), upTo, range: this.readTail(roomId, upTo, limit) };
    this.loads.set(roomId, load);
    const done = (): void => {
      if (this.loads.get(roomId) === load) this.loads.delete(roomId);
    };
    void load.range.then(done, done);
    return load.range;
  }

  private readTail(roomId: string, upTo: number, limit: number): Promise<StoredRange | null> {
    return this.tails.reading(
      roomId,
      () => this.store.read(roomId, { before: upTo + 1, limit, newest: true, maxBytes: this.maxBytes }),
      (range) => range,
    );
  }

  private beginsTail(roomId: string, { head, messages }: StoredRange): boolean {
    return messages.at(-1)?.seq === head.seq && this.tails.get(roomId, head.epoch) === undefined;
  }
}

/** All of `since.seq < seq <= upTo`; null if any of them is not in what was read. */
function missedOf(range: StoredRange | null, since: LogPosition, upTo: number): readonly LoggedMessage[] | null {
  if (range === null || range.head.epoch !== since.epoch || since.seq > range.head.seq) return null;
  const messages = range.messages.filter(({ seq }) => seq > since.seq && seq <= upTo);
  return messages.length === upTo - since.seq ? messages : null;
}

function notFound(): never {
  throw new HubbubError('RoomNotFound');
}
