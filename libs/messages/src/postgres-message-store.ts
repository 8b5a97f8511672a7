import type { PostgresDatabase } from '@hubbub/storage';
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
  KnownHead,
  MessageStoreOptions,
  NewEntry,
  Outcome,
  SeqRange,
  StoredInboxRange,
  StoredRange,
} from './message-store.js';
import { type NamedStatement, PostgresAppender } from './postgres-appender.js';
import { type HeadRow, SqlMessageStore } from './sql-message-store.js';
import { textArray } from './text-array.js';

const HEADS = `SELECT owner_id, epoch, head AS seq, floor FROM message_log
  WHERE kind = $1 AND owner_id = ANY ($2::text[])`;

/** LATERAL, so that each log is one look into the index, whatever else a plan could do. */
const MOVED = `SELECT l.owner_id, l.epoch, l.head AS seq, l.floor
  FROM unnest($2::text[], $3::bigint[]) AS known (owner_id, seq) CROSS JOIN LATERAL (
    SELECT owner_id, epoch, head, floor FROM message_log WHERE kind = $1 AND owner_id = known.owner_id LIMIT 1
  ) l WHERE l.head <> known.seq`;

/**
 * LATERAL, so that the reading ends with the limit, whatever else a plan could do; of one log, so that its order is that of
 * the page. Lengths are known without the contents: those that do not fit are not fetched. Prepared, which saves more than
 * the lengths cost.
 */
function rangeStatement(table: string, columns: string, newest = false, ofPeer = false): NamedStatement {
  const order = newest ? 'DESC' : 'ASC';
  return {
    name: `hubbub_read_${table}_${order}${ofPeer ? '_of_peer' : ''}`,
    text: `SELECT epoch, head, floor, seq, sender_id, sender_name, content, timestamp, ${columns}
      FROM message_log l LEFT JOIN LATERAL (
        SELECT *, sum(octet_length(content)) OVER page - octet_length(content) AS bytes_before, lead(seq) OVER page AS next_seq
        FROM (
          SELECT * FROM ${table} WHERE log_id = l.id AND seq > $3 AND seq < $4 ${ofPeer ? 'AND peer_id = $7' : ''}
          ORDER BY seq ${order} LIMIT $5
        ) found WINDOW page AS (ORDER BY seq ${order} ROWS UNBOUNDED PRECEDING)
      ) m ON bytes_before <= $6 WHERE l.kind = $1 AND l.owner_id = $2`,
  };
}

/** The logs in Postgres: a round trip for a batch, and one for a reading. */
export class PostgresMessageStore extends SqlMessageStore {
  private readonly appender: PostgresAppender;
  private readonly inboxes: InboxLogs;

  constructor(
    private readonly postgres: PostgresDatabase,
    options: MessageStoreOptions = {},
  ) {
    super(postgres);
    this.appender = new PostgresAppender(postgres, options);
    this.inboxes = new InboxLogs(postgres, this);
  }

  async append(batch: readonly NewEntry[], now: number): Promise<readonly Outcome[]> {
    await this.inboxes.ensure(batch);
    const { entries, spread } = distinctEntries(batch);
    return spread(await this.appender.append(entries, now));
  }

  async read(roomId: string, range: SeqRange): Promise<StoredRange | null> {
    const statement = rangeStatement('room_message', 'redacted', range.newest);
    const rows = await this.query<Joined<RoomMessageRow>>(statement, ['room', roomId, ...parametersOf(range)]);
    return toStoredRange(roomId, range, rows);
  }

  async readInbox(userId: string, range: InboxRange): Promise<StoredInboxRange> {
    const { peerId, newest, limit } = range;
    const statement = rangeStatement('inbox_message', 'peer_id, next_seq', newest, peerId !== undefined);
    const values = ['inbox', userId, ...parametersOf({ ...range, limit: limit + 1 })];
    if (peerId !== undefined) values.push(peerId);
    return toStoredInboxRange(userId, range, await this.query<Joined<FollowedRow>>(statement, values));
  }

  protected headRows(kind: LogKind, ownerIds: readonly string[]): Promise<HeadRow[]> {
    return this.query<HeadRow>(HEADS, [kind, textArray(ownerIds)]);
  }

  protected override movedRows(kind: LogKind, known: readonly KnownHead[]): Promise<HeadRow[]> {
    const owners = textArray(known.map(([ownerId]) => ownerId));
    return this.query<HeadRow>(MOVED, [kind, owners, `{${known.map(([, seq]) => seq).join()}}`]);
  }

  private query<Row extends object>(statement: string | NamedStatement, values: unknown[]): Promise<Row[]> {
    return this.postgres.read(async (_, client) => (await client.query<Row>(statement, values)).rows);
  }
}

function parametersOf(range: SeqRange): (string | number)[] {
  const { after = 0, before = Number.MAX_SAFE_INTEGER, limit, maxBytes = Number.MAX_SAFE_INTEGER } = range;
  return [after, before, limit, maxBytes];
}
