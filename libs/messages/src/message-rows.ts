import type { InboxRange, SeqRange, StoredInboxRange, StoredRange } from './message-store.js';
import type { InboxMessage, LoggedMessage, LogHead } from './messages.js';

/** Rows of messages, as every database gives them. */
interface MessageRow {
  readonly seq: number;
  readonly sender_id: string;
  readonly sender_name: string;
  readonly content: string;
  readonly timestamp: number;
}

export interface RoomMessageRow extends MessageRow {
  readonly redacted: number;
}

export interface InboxMessageRow extends MessageRow {
  readonly peer_id: string;
}

export function toRoomMessage(roomId: string, epoch: string, row: RoomMessageRow): LoggedMessage {
  return {
    roomId,
    epoch,
    seq: row.seq,
    senderId: row.sender_id,
    senderName: row.sender_name,
    contentJson: row.content,
    timestamp: row.timestamp,
    redacted: row.redacted !== 0,
  };
}

export function toInboxMessage(userId: string, row: InboxMessageRow): InboxMessage {
  return {
    seq: row.seq,
    senderId: row.sender_id,
    senderName: row.sender_name,
    targetId: row.sender_id === userId ? row.peer_id : userId,
    contentJson: row.content,
    timestamp: row.timestamp,
  };
}

/** A log beside one of its messages, whose columns are null where the range has none. */
export type Joined<Row> = Omit<LogHead, 'seq'> & { readonly head: number } & (Row | { readonly seq: null });

const hasMessage = <Row>(row: Joined<Row>): row is Joined<Row> & Row => (row as { seq: unknown }).seq !== null;

/** Also the number of the message that follows it in the range, whether that was read or not. */
export interface FollowedRow extends InboxMessageRow {
  readonly next_seq: number | null;
}

/** A range as servers read it: in one statement, so that the head and the messages are of the same moment. */
export function toStoredRange(
  roomId: string,
  { newest }: SeqRange,
  rows: readonly Joined<RoomMessageRow>[],
): StoredRange | null {
  const log = rows[0];
  if (log === undefined) return null;
  const { epoch, head: seq, floor } = log;
  const messages = rows.filter(hasMessage).map((row) => toRoomMessage(roomId, epoch, row));
  return { head: { epoch, seq, floor }, messages: newest ? messages.toReversed() : messages };
}

/** @param rows read with a limit of one more than the range's */
export function toStoredInboxRange(
  userId: string,
  { newest, limit }: InboxRange,
  rows: readonly Joined<FollowedRow>[],
): StoredInboxRange {
  const found = rows.filter(hasMessage).slice(0, limit);
  const messages = found.map((row) => toInboxMessage(userId, row));
  return {
    seq: rows[0]?.head ?? 0,
    messages: newest ? messages.toReversed() : messages,
    hasMore: typeof found.at(-1)?.next_seq === 'number',
  };
}
