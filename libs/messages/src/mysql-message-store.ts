import type { MysqlDatabase } from '@hubbub/storage';
import { distinctEntries } from './distinct-entries.js';
import { InboxLogs } from './inbox-logs.js';
import type { LogKind } from './message.entities.js';
import {
  type FollowedRow,
  type Joined,
  type RoomMessageRow,
  toStoredInboxRange,
  toStoredRange,
} from './message-rows.js';
import type {
  InboxRange,
  MessageStoreOptions,
  NewEntry,
  Outcome,
  SeqRange,
  StoredInboxRange,
  StoredRange,
} from './message-store.js';
import { MysqlAppender } from './mysql-appender.js';
import { type HeadRow, SqlMessageStore } from './sql-message-store.js';

const HEADS = 'SELECT owner_id, epoch, head AS seq, floor FROM message_log WHERE kind = ? AND owner_id IN (?)';

/**
 * The innermost reads one log, in order and no further than the limit: joined with the log, all of the room would be read and
 * sorted. Only contents that fit are sent.
 */
function rangeStatement(table: string, columns: string, newest = false, condition = ''): string {
  const order = newest ? 'DESC' : 'ASC';
  return `SELECT l.epoch, l.head, l.floor, m.seq, m.sender_id, m.sender_name, m.content, m.timestamp, ${columns}
    FROM message_log l LEFT JOIN (
      SELECT seq, sum(bytes) OVER page - bytes AS bytes_before, lead(seq) OVER page AS next_seq FROM (
        SELECT seq, octet_length(content) AS bytes FROM ${table}
        WHERE log_id = (SELECT id FROM message_log WHERE kind = ? AND owner_id = ?) AND seq > ? AND seq < ? ${condition}
        ORDER BY seq ${order} LIMIT ?
      ) found WINDOW page AS (ORDER BY seq ${order} ROWS UNBOUNDED PRECEDING)
    ) fitting ON fitting.bytes_before <= ? LEFT JOIN ${table} m ON m.log_id = l.id AND m.seq = fitting.seq
    WHERE l.kind = ? AND l.owner_id = ? ORDER BY fitting.seq ${order}`;
}

/** The logs in MySQL or MariaDB. */
export class MysqlMessageStore extends SqlMessageStore {
  private readonly appender: MysqlAppender;
  private readonly inboxes: InboxLogs;

  constructor(
    private readonly mysql: MysqlDatabase,
    options: MessageStoreOptions = {},
  ) {
    super(mysql);
    this.appender = new MysqlAppender(mysql, options);
    this.inboxes = new InboxLogs(mysql, this);
  }

  async append(batch: readonly NewEntry[], now: number): Promise<readonly Outcome[]> {
    await this.inboxes.ensure(batch);
    const { entries, spread } = distinctEntries(batch);
    return spread(await this.appender.append(entries, now));
  }

  async read(roomId: string, range: SeqRange): Promise<StoredRange | null> {
    const text = rangeStatement('room_message', 'm.redacted', range.newest);
    const values = valuesOf(['room', roomId], range);
    return toStoredRange(roomId, range, await this.query<Joined<RoomMessageRow>>(text, values));
  }

  async readInbox(userId: string, range: InboxRange): Promise<StoredInboxRange> {
    const { peerId, newest, limit } = range;
    const ofPeer = peerId === undefined ? '' : 'AND peer_id = ?';
    const text = rangeStatement('inbox_message', 'm.peer_id, fitting.next_seq', newest, ofPeer);
    const values = valuesOf(['inbox', userId], { ...range, limit: limit + 1 });
    return toStoredInboxRange(userId, range, await this.query<Joined<FollowedRow>>(text, values));
  }

  protected async headRows(kind: LogKind, ownerIds: readonly string[]): Promise<HeadRow[]> {
    return ownerIds.length === 0 ? [] : this.query<HeadRow>(HEADS, [kind, ownerIds]);
  }

  private query<Row>(text: string, values: unknown[]): Promise<Row[]> {
    return this.mysql.read(async (_, connection) => {
      const [rows] = await connection.promise().query(text, values);
      return rows as Row[];
    });
  }
}

function valuesOf(log: readonly [kind: LogKind, ownerId: string], range: InboxRange): (string | number)[] {
  const { after = 0, before = Number.MAX_SAFE_INTEGER, peerId, limit, maxBytes = Number.MAX_SAFE_INTEGER } = range;
  const peer = peerId === undefined ? [] : [peerId];
  return [...log, after, before, ...peer, limit, maxBytes, ...log];
}
