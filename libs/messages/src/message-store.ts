import type { HubbubError } from '@hubbub/protocol';
import type { EntityManager } from 'typeorm';
import type {
  Appended,
  DirectAppended,
  InboxMessage,
  LoggedMessage,
  LogHead,
  LogPosition,
  NewDirectMessage,
  NewRoomMessage,
} from './messages.js';

/** Keys are remembered for this long (PROTOCOL §7.3). */
export const IDEMPOTENCY_KEPT_MS = 24 * 60 * 60 * 1000;

export interface MessageStoreOptions {
  /** Whether each stored room message also gets its pointer in the outbox, in the same transaction. @default false */
  readonly outbox?: boolean;
}

/** One entry of a batch. */
export type NewEntry = NewRoomMessage | NewDirectMessage;

export function isRoomEntry(entry: NewEntry): entry is NewRoomMessage {
  return 'roomId' in entry;
}

/** What became of an entry: for a room message, of a direct message, or why it alone was refused. */
export type Outcome = Appended | DirectAppended | HubbubError;

/** Up to which number a log is known: of a room, or of the inbox of a user. */
export type KnownHead = readonly [ownerId: string, seq: number];

/** Numbers `after < seq < before`; without a bound, as far as there are any. */
export interface SeqRange {
  readonly after?: number;
  readonly before?: number;
  readonly limit: number;
  /** Where more than `limit` fit: the newest of them or, by default, the oldest. */
  readonly newest?: boolean;
  /**
   * The reading ends with the message whose content is beyond this, in bytes and together with those read before it: what
   * comes after would be fetched in vain.
   * @default none
   */
  readonly maxBytes?: number;
}

export interface InboxRange extends SeqRange {
  /** Only messages with this user. */
  readonly peerId?: string;
}

/** The messages of a range, oldest first, with the head at the same moment. */
export interface StoredRange {
  readonly head: LogHead;
  readonly messages: LoggedMessage[];
}

/** The messages of an inbox range, oldest first, with its head at the same moment. */
export interface StoredInboxRange {
  readonly seq: number;
  readonly messages: InboxMessage[];
  /** There are others in the range, on the side that `newest` leaves out. */
  readonly hasMore: boolean;
}

/**
 * The logs in the database, as each database does it best. All methods throw HubbubError ServerError while the database
 * is not available.
 */
export abstract class MessageStore {
  /** Makes the log of a room in the room's own transaction. The room must have none. */
  abstract create(manager: EntityManager, roomId: string, epoch: string): Promise<void>;

  /** Cuts a room off from its log in the room's own transaction; `purge` deletes what it held. */
  abstract detach(manager: EntityManager, roomId: string): Promise<void>;

  /**
   * Stores the entries, in order, in one transaction; outcomes in the same order. A throw means that nothing was stored.
   * Numbers go on from the head without a gap. An entry for an unknown room, or for another of that id, is refused alone with
   * RoomNotFound.
   * @param now time of all the messages, Unix ms
   */
  abstract append(batch: readonly NewEntry[], now: number): Promise<readonly Outcome[]>;

  abstract head(roomId: string): Promise<LogHead | null>;

  /**
   * Where the logs of rooms stand that are not where they are known to be; rooms that are no more are left out.
   * @param known taken portion by portion, so that the event loop goes on
   */
  abstract movedHeads(known: Iterable<KnownHead>): Promise<Map<string, LogPosition>>;

  /** Null if there is no such room. */
  abstract read(roomId: string, range: SeqRange): Promise<StoredRange | null>;

  /** Erases the content inside a transaction; false if the room does not keep such a message. */
  abstract redact(manager: EntityManager, roomId: string, seq: number): Promise<boolean>;

  /** Identity of the numbering of all inboxes of this database. */
  abstract inboxEpoch(): Promise<string>;

  /** Highest number of a user's inbox; 0 if nothing was ever sent or received. */
  abstract inboxHead(userId: string): Promise<number>;

  /** As `inboxHead` for many users; those without an inbox yet are left out. */
  abstract inboxHeads(userIds: readonly string[]): Promise<Map<string, number>>;

  /** As `movedHeads`, of the inboxes of users; those without an inbox yet are left out. */
  abstract movedInboxHeads(known: Iterable<KnownHead>): Promise<Map<string, number>>;

  abstract readInbox(userId: string, range: InboxRange): Promise<StoredInboxRange>;
}
