import { Database } from '@hubbub/storage';
import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { MessageLogEntity } from './message.entities.js';
import {
  MessageStore,
  type NewEntry,
  type Outcome,
  type SeqRange,
  type StoredInboxRange,
  type StoredRange,
} from './message-store.js';
import type { LogHead } from './messages.js';
import { SqliteAppender } from './sqlite-appender.js';
import { SqliteMessageReader } from './sqlite-message-reader.js';

/** The logs in SQLite: the hot statements are the driver's own, prepared once. */
@Injectable()
export class SqliteMessageStore extends MessageStore {
  private appender: SqliteAppender | null = null;
  private reader: SqliteMessageReader | null = null;
  private epoch: string | null = null;

  constructor(private readonly database: Database) {
    super();
  }

  async create(manager: EntityManager, roomId: string, epoch: string): Promise<void> {
    await manager.insert(MessageLogEntity, { kind: 'room', ownerId: roomId, epoch, head: 0, floor: 0 });
  }

  async detach(manager: EntityManager, roomId: string): Promise<void> {
    await manager.update(MessageLogEntity, { kind: 'room', ownerId: roomId }, { ownerId: null });
  }

  async append(batch: readonly NewEntry[], now: number): Promise<readonly Outcome[]> {
    const epoch = this.epoch ?? (await this.inboxEpoch());
    return this.database.exclusive(() => {
      this.appender ??= new SqliteAppender(this.database.sqlite(), epoch);
      return this.appender.append(batch, now);
    });
  }

  head(roomId: string): Promise<LogHead | null> {
    return this.reading((reader) => reader.head(roomId));
  }

  read(roomId: string, range: SeqRange): Promise<StoredRange | null> {
    return this.reading((reader) => reader.room(roomId, range));
  }

  redact(roomId: string, seq: number): Promise<boolean> {
    return this.database.exclusive(() => {
      const { changes } = this.database
        .sqlite()
        .prepare(
          `UPDATE room_message SET content = 'null', redacted = 1
           WHERE seq = ? AND log_id = (SELECT id FROM message_log WHERE kind = 'room' AND owner_id = ?)`,
        )
        .run(seq, roomId);
      return changes === 1;
    });
  }

  async inboxEpoch(): Promise<string> {
    this.epoch ??= await this.database.read(async (manager) => {
      const row = await manager.findOneByOrFail(MessageLogEntity, { kind: 'all-inboxes' });
      return row.epoch;
    });
    return this.epoch;
  }

  inboxHead(userId: string): Promise<number> {
    return this.reading((reader) => reader.inboxHead(userId));
  }

  readInbox(userId: string, range: SeqRange & { readonly peerId?: string }): Promise<StoredInboxRange> {
    return this.reading((reader) => reader.inbox(userId, range));
  }

  private reading<T>(work: (reader: SqliteMessageReader) => T): Promise<T> {
    return this.database.read(async () => {
      this.reader ??= new SqliteMessageReader(this.database.sqliteReader());
      return work(this.reader);
    });
  }
}
