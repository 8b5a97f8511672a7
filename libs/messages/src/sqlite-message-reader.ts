import type BetterSqlite3 from 'better-sqlite3';
import type { LogKind } from './message.entities.js';
import { type InboxMessageRow, type RoomMessageRow, toInboxMessage, toRoomMessage } from './message-rows.js';
import type { InboxRange, SeqRange, StoredInboxRange, StoredRange } from './message-store.js';
import type { LogHead } from './messages.js';
import type { HeadRow } from './sql-message-store.js';

interface LogRow extends LogHead {
  readonly id: number;
}

type RangeParameters = [logId: number, after: number, before: number, limit: number];

const COLUMNS = 'seq, sender_id, sender_name, content, timestamp';
const IN_RANGE = 'log_id = ? AND seq > ? AND seq < ?';

/** Reads logs by prepared statements. Synchronous; a head and its messages are of the same moment. */
export class SqliteMessageReader {
  readonly room: (roomId: string, range: SeqRange) => StoredRange | null;
  readonly inbox: (userId: string, range: InboxRange) => StoredInboxRange;

  private readonly selectLog;
  private readonly selectHeads;
  private readonly roomOldest;
  private readonly roomNewest;
  private readonly inboxOldest;
  private readonly inboxNewest;
  private readonly peerOldest;
  private readonly peerNewest;

  constructor(db: BetterSqlite3.Database) {
    this.selectLog = db.prepare<[string, string], LogRow>(
      'SELECT id, epoch, head AS seq, floor FROM message_log WHERE kind = ? AND owner_id = ?',
    );
    this.selectHeads = db.prepare<[string, string], HeadRow>(
      'SELECT owner_id, epoch, head AS seq, floor FROM message_log WHERE kind = ? AND owner_id IN (SELECT value FROM json_each(?))',
    );
    const room = (order: string) =>
      db.prepare<RangeParameters, RoomMessageRow>(
        `SELECT ${COLUMNS}, redacted FROM room_message WHERE ${IN_RANGE} ORDER BY seq ${order} LIMIT ?`,
      );
    const inbox = (order: string) =>
      db.prepare<RangeParameters, InboxMessageRow>(
        `SELECT ${COLUMNS}, peer_id FROM inbox_message WHERE ${IN_RANGE} ORDER BY seq ${order} LIMIT ?`,
      );
    const peer = (order: string) =>
      db.prepare<[string, ...RangeParameters], InboxMessageRow>(
        `SELECT ${COLUMNS}, peer_id FROM inbox_message WHERE peer_id = ? AND ${IN_RANGE} ORDER BY seq ${order} LIMIT ?`,
      );
    this.roomOldest = room('ASC');
    this.roomNewest = room('DESC');
    this.inboxOldest = inbox('ASC');
    this.inboxNewest = inbox('DESC');
    this.peerOldest = peer('ASC');
    this.peerNewest = peer('DESC');
    this.room = db.transaction((roomId: string, range: SeqRange) => this.readRoom(roomId, range));
    this.inbox = db.transaction((userId: string, range: InboxRange) => this.readInbox(userId, range));
  }

  head(roomId: string): LogHead | null {
    const log = this.selectLog.get('room', roomId);
    return log === undefined ? null : { epoch: log.epoch, seq: log.seq, floor: log.floor };
  }

  heads(kind: LogKind, ownerIds: readonly string[]): HeadRow[] {
    return this.selectHeads.all(kind, JSON.stringify(ownerIds));
  }

  inboxHead(userId: string): number {
    return this.selectLog.get('inbox', userId)?.seq ?? 0;
  }

  private readRoom(roomId: string, range: SeqRange): StoredRange | null {
    const log = this.selectLog.get('room', roomId);
    if (log === undefined) return null;
    const { id, ...head } = log;
    const parameters = parametersOf(id, range, range.limit);
    const { rows } = read((range.newest ? this.roomNewest : this.roomOldest).iterate(...parameters), range);
    return { head, messages: rows.map((row) => toRoomMessage(roomId, head.epoch, row)) };
  }

  private readInbox(userId: string, range: InboxRange): StoredInboxRange {
    const log = this.selectLog.get('inbox', userId);
    if (log === undefined) return { seq: 0, messages: [], hasMore: false };
    // One more than asked for: numbers of one peer have gaps, so only a further row says that there is more.
    const parameters = parametersOf(log.id, range, range.limit + 1);
    const { peerId, newest = false } = range;
    const { rows, hasMore } = read(
      peerId === undefined
        ? (newest ? this.inboxNewest : this.inboxOldest).iterate(...parameters)
        : (newest ? this.peerNewest : this.peerOldest).iterate(peerId, ...parameters),
      range,
    );
    return { seq: log.seq, messages: rows.map((row) => toInboxMessage(userId, row)), hasMore };
  }
}

function parametersOf(
  logId: number,
  { after = 0, before = Number.MAX_SAFE_INTEGER }: SeqRange,
  limit: number,
): RangeParameters {
  return [logId, after, before, limit];
}

/** The rows of a range, oldest first, and whether it has others. */
function read<Row extends { readonly content: string }>(
  found: Iterable<Row>,
  { limit, maxBytes = Number.POSITIVE_INFINITY, newest = false }: SeqRange,
): { rows: Row[]; hasMore: boolean } {
  const rows: Row[] = [];
  let hasMore = false;
  let bytes = 0;
  for (const row of found) {
    hasMore = rows.length === limit || bytes > maxBytes;
    if (hasMore) break;
    rows.push(row);
    bytes += Buffer.byteLength(row.content);
  }
  if (newest) rows.reverse();
  return { rows, hasMore };
}
