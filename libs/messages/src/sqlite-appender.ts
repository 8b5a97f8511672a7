import type { SqliteJob } from '@hubbub/storage';
import type BetterSqlite3 from 'better-sqlite3';
import { IDEMPOTENCY_KEPT_MS, isRoomEntry, type MessageStoreOptions, type NewEntry } from './message-store.js';
import type { Appended, DirectAppended, NewDirectMessage, NewRoomMessage } from './messages.js';

/** As it goes to the thread that stores it. */
export interface SqliteBatch {
  readonly entries: readonly NewEntry[];
  /** Unix ms. */
  readonly now: number;
}

export interface SqliteAppenderOptions extends MessageStoreOptions {
  readonly inboxEpoch: string;
}

/** Of one entry; null where its room is unknown. */
export type SqliteOutcome = Appended | DirectAppended | null;

export const job: SqliteJob<SqliteAppenderOptions, SqliteBatch, SqliteOutcome[]> = (db, options) => {
  const appender = new SqliteAppender(db, options);
  return ({ entries, now }) => appender.append(entries, now);
};

interface OpenLog {
  readonly id: number;
  readonly epoch: string;
  head: number;
}

interface FirstUse {
  readonly seq: number;
  readonly timestamp: number;
}

/** The logs that a batch touches: each head is read once and written once. */
class OpenLogs {
  readonly rooms = new Map<string, OpenLog | undefined>();
  readonly inboxes = new Map<string, OpenLog>();
}

/**
 * Stores batches by prepared statements, one immediate transaction each. Synchronous: it runs in a thread of its own, in its
 * turn of the write queue of the database.
 */
export class SqliteAppender {
  /** @throws the driver's errors; then nothing was stored */
  readonly append: (batch: readonly NewEntry[], now: number) => SqliteOutcome[];

  private readonly inboxEpoch: string;
  private readonly selectLog;
  private readonly insertInbox;
  private readonly updateHead;
  private readonly insertRoomMessage;
  /** Null where nothing leaves through the outbox. */
  private readonly insertPointer;
  private readonly insertInboxMessage;
  private readonly insertKey;
  private readonly selectKey;
  private readonly renewKey;
  private readonly selectBlock;

  constructor(db: BetterSqlite3.Database, { inboxEpoch, outbox = false }: SqliteAppenderOptions) {
    this.inboxEpoch = inboxEpoch;
    this.selectLog = db.prepare<[string, string], OpenLog>(
      'SELECT id, epoch, head FROM message_log WHERE kind = ? AND owner_id = ?',
    );
    this.insertInbox = db.prepare<[string, string]>(
      "INSERT INTO message_log (kind, owner_id, epoch, head, floor) VALUES ('inbox', ?, ?, 0, 0)",
    );
    this.updateHead = db.prepare<[number, number]>('UPDATE message_log SET head = ? WHERE id = ?');
    this.insertRoomMessage = db.prepare<[number, number, string, string, string, number]>(
      'INSERT INTO room_message (log_id, seq, sender_id, sender_name, content, timestamp, redacted) VALUES (?, ?, ?, ?, ?, ?, 0)',
    );
    this.insertPointer = outbox
      ? db.prepare<[string, number, number, number]>(
          'INSERT INTO outbox (room_id, log_id, seq, created_at) VALUES (?, ?, ?, ?)',
        )
      : null;
    this.insertInboxMessage = db.prepare<[number, number, string, string, string, string, number]>(
      'INSERT INTO inbox_message (log_id, seq, peer_id, sender_id, sender_name, content, timestamp) VALUES (?, ?, ?, ?, ?, ?, ?)',
    );
    const whereKey = 'WHERE log_id = ? AND scope = ? AND name = ?';
    this.insertKey = db.prepare<[number, string, string, number, number]>(
      'INSERT INTO idempotency_key (log_id, scope, name, seq, timestamp) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING',
    );
    this.selectKey = db.prepare<[number, string, string], FirstUse>(
      `SELECT seq, timestamp FROM idempotency_key ${whereKey}`,
    );
    this.renewKey = db.prepare<[number, number, number, string, string]>(
      `UPDATE idempotency_key SET seq = ?, timestamp = ? ${whereKey}`,
    );
    this.selectBlock = db.prepare<[string, string]>('SELECT 1 FROM user_block WHERE user_id = ? AND blocked_id = ?');
    const transaction = db.transaction((batch: readonly NewEntry[], now: number) => this.store(batch, now));
    this.append = (batch, now) => transaction.immediate(batch, now);
  }

  private store(batch: readonly NewEntry[], now: number): SqliteOutcome[] {
    const logs = new OpenLogs();
    const outcomes = batch.map((entry) =>
      isRoomEntry(entry) ? this.storeInRoom(logs, entry, now) : this.storeInInboxes(logs, entry, now),
    );
    for (const log of logs.rooms.values()) if (log !== undefined) this.updateHead.run(log.head, log.id);
    for (const log of logs.inboxes.values()) this.updateHead.run(log.head, log.id);
    return outcomes;
  }

  private storeInRoom(logs: OpenLogs, message: NewRoomMessage, now: number): SqliteOutcome {
    const log = this.roomLog(logs, message.roomId);
    if (log === undefined || (message.epoch ?? log.epoch) !== log.epoch) return null;
    const { senderId, senderName, contentJson, idempotencyKey } = message;
    const seq = log.head + 1;
    const first = this.firstUse(log, senderId, idempotencyKey, seq, now);
    if (first !== undefined) return { ...first, epoch: log.epoch, duplicate: true };
    this.insertRoomMessage.run(log.id, seq, senderId, senderName, contentJson, now);
    this.insertPointer?.run(message.roomId, log.id, seq, now);
    log.head = seq;
    return { seq, epoch: log.epoch, timestamp: now, duplicate: false };
  }

  private storeInInboxes(logs: OpenLogs, message: NewDirectMessage, now: number): SqliteOutcome {
    const { senderId, targetId, idempotencyKey } = message;
    const own = this.inboxLog(logs, senderId);
    const seq = own.head + 1;
    const { epoch } = own;
    const first = this.firstUse(own, targetId, idempotencyKey, seq, now);
    if (first !== undefined) return { ...first, epoch, duplicate: true, targetSeq: null };
    this.storeInInbox(own, targetId, message, now);
    if (targetId === senderId || this.selectBlock.get(targetId, senderId) !== undefined) {
      return { seq, epoch, timestamp: now, duplicate: false, targetSeq: null };
    }
    const targetSeq = this.storeInInbox(this.inboxLog(logs, targetId), senderId, message, now);
    return { seq, epoch, timestamp: now, duplicate: false, targetSeq };
  }

  private storeInInbox(log: OpenLog, peerId: string, message: NewDirectMessage, now: number): number {
    const seq = ++log.head;
    this.insertInboxMessage.run(log.id, seq, peerId, message.senderId, message.senderName, message.contentJson, now);
    return seq;
  }

  /** The message that the key stands for already; undefined when it stands for this one, with number `seq`, from now on. */
  private firstUse(
    log: OpenLog,
    scope: string,
    name: string | undefined,
    seq: number,
    now: number,
  ): FirstUse | undefined {
    if (name === undefined || this.insertKey.run(log.id, scope, name, seq, now).changes === 1) return undefined;
    const first = this.selectKey.get(log.id, scope, name);
    if (first !== undefined && first.timestamp > now - IDEMPOTENCY_KEPT_MS) return first;
    this.renewKey.run(seq, now, log.id, scope, name);
    return undefined;
  }

  private roomLog(logs: OpenLogs, roomId: string): OpenLog | undefined {
    if (!logs.rooms.has(roomId)) logs.rooms.set(roomId, this.selectLog.get('room', roomId));
    return logs.rooms.get(roomId);
  }

  private inboxLog(logs: OpenLogs, userId: string): OpenLog {
    let log = logs.inboxes.get(userId) ?? this.selectLog.get('inbox', userId);
    if (log === undefined) {
      const { lastInsertRowid } = this.insertInbox.run(userId, this.inboxEpoch);
      log = { id: Number(lastInsertRowid), epoch: this.inboxEpoch, head: 0 };
    }
    logs.inboxes.set(userId, log);
    return log;
  }
}
