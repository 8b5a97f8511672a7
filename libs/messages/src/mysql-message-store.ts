import type { MysqlDatabase } from '@hubbub/storage';
import { distinctEntries } from './distinct-entries.js';
import { InboxLogs } from './inbox-logs.js';
import type { LogKind } from './message.entities.js';
import {
  type InboxMessageRow,
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

/** The log is one row, by its index, so the messages are read in order and no further than the limit. */
function rangeStatement(table: string, columns: string, newest = false, condition = ''): string {
  return `SELECT l.epoch, l.head, l.floor, m.seq, m.sender_id, m.sender_name, m.content, m.timestamp, ${columns}
    FROM message_log l LEFT JOIN ${table} m ON m.log_id = l.id AND m.seq > ? AND m.seq < ? ${condition}
    WHERE l.kind = ? AND l.owner_id = ? ORDER BY m.seq ${newest ? 'DESC' : 'ASC'} LIMIT ?`;
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
    const values = [...bounds(range), 'room', roomId, range.limit];
    return toStoredRange(roomId, range, await this.query<Joined<RoomMessageRow>>(text, values));
  }

  async readInbox(userId: string, range: InboxRange): Promise<StoredInboxRange> {
    const { peerId, newest, limit } = range;
    const text = rangeStatement('inbox_message', 'm.peer_id', newest, peerId === undefined ? '' : 'AND m.peer_id = ?');
    const peer = peerId === undefined ? [] : [peerId];
    const values = [...bounds(range), ...peer, 'inbox', userId, limit + 1];
    return toStoredInboxRange(userId, range, await this.query<Joined<InboxMessageRow>>(text, values));
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

function bounds({ after = 0, before = Number.MAX_SAFE_INTEGER }: SeqRange): number[] {
  return [after, before];
}
