import { HubbubError } from '@hubbub/protocol';
import type { SqliteDatabase } from '@hubbub/storage';
import type { LogKind } from './message.entities.js';
import type {
  InboxRange,
  MessageStoreOptions,
  NewEntry,
  Outcome,
  SeqRange,
  StoredInboxRange,
  StoredRange,
} from './message-store.js';
import type { LogHead } from './messages.js';
import { type HeadRow, SqlMessageStore } from './sql-message-store.js';
import type { SqliteAppenderOptions, SqliteBatch, SqliteOutcome } from './sqlite-appender.js';
import { SqliteMessageReader } from './sqlite-message-reader.js';

/** The logs in SQLite: the hot statements are the driver's own, prepared once. Messages are stored by a thread, and read here. */
export class SqliteMessageStore extends SqlMessageStore {
  private appender: ((batch: SqliteBatch) => Promise<SqliteOutcome[]>) | null = null;
  private reader: SqliteMessageReader | null = null;

  constructor(
    private readonly sqlite: SqliteDatabase,
    private readonly options: MessageStoreOptions = {},
  ) {
    super(sqlite);
  }

  async append(entries: readonly NewEntry[], now: number): Promise<readonly Outcome[]> {
    const inboxEpoch = await this.inboxEpoch();
    this.appender ??= this.startAppender(inboxEpoch);
    const outcomes = await this.appender({ entries, now });
    return outcomes.map((outcome) => outcome ?? new HubbubError('RoomNotFound'));
  }

  override head(roomId: string): Promise<LogHead | null> {
    return this.reading((reader) => reader.head(roomId));
  }

  override inboxHead(userId: string): Promise<number> {
    return this.reading((reader) => reader.inboxHead(userId));
  }

  read(roomId: string, range: SeqRange): Promise<StoredRange | null> {
    return this.reading((reader) => reader.room(roomId, range));
  }

  readInbox(userId: string, range: InboxRange): Promise<StoredInboxRange> {
    return this.reading((reader) => reader.inbox(userId, range));
  }

  protected headRows(kind: LogKind, ownerIds: readonly string[]): Promise<HeadRow[]> {
    return this.reading((reader) => reader.heads(kind, ownerIds));
  }

  private startAppender(inboxEpoch: string): (batch: SqliteBatch) => Promise<SqliteOutcome[]> {
    const options: SqliteAppenderOptions = { ...this.options, inboxEpoch };
    return this.sqlite.inThread(new URL('./sqlite-appender.js', import.meta.url), options);
  }

  private reading<T>(work: (reader: SqliteMessageReader) => T): Promise<T> {
    return this.sqlite.read(async () => {
      this.reader ??= new SqliteMessageReader(this.sqlite.sqliteReader());
      return work(this.reader);
    });
  }
}
