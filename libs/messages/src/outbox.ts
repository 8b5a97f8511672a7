import { HubbubConfig } from '@hubbub/config';
import type { Subject } from '@hubbub/protocol';
import { Database } from '@hubbub/storage';
import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { MessageLogEntity } from './message.entities.js';
import type { LoggedMessage } from './messages.js';
import { OutboxEntity } from './outbox.entity.js';

/** A fact about stored data, to be put into the transaction that stores the data. */
export interface NewFact {
  readonly subject: Subject;
  /** JSON text, kept to the character. */
  readonly payload: string;
  /** By which a stream knows a repeat: unique for ever, at most 128 characters. */
  readonly messageId: string;
  /** Facts with the same room leave in the order of their commits, its messages among them. */
  readonly roomId?: string;
  /** Unix ms. */
  readonly createdAt: number;
}

interface Waiting {
  /** Those of one room have their ids in the order of their commits. */
  readonly id: number;
  /** What the fact must stay in order with; null where nothing. */
  readonly roomId: string | null;
  readonly messageId: string;
  readonly createdAt: number;
}

/** A room message that was stored and has not left. */
export interface WaitingMessage extends Waiting {
  readonly roomId: string;
  /** As it is stored now: redacted, if it was redacted meanwhile. Null if the log keeps it no longer: only to be removed. */
  readonly message: LoggedMessage | null;
}

/** What `put` took. */
export interface WaitingFact extends Waiting {
  readonly subject: Subject;
  readonly payload: string;
}

/** Most rows that `remove` takes at once. */
export const OUTBOX_AT_ONCE = 1000;

/**
 * Facts that are stored and have not left yet. They get here in the transaction of what they tell about, so that neither is
 * there without the other, and go once the stream has acknowledged them. Room messages get here by themselves.
 *
 * Empty for ever, and not looked at by anybody, unless `bus.jetstream` is on.
 */
@Injectable()
export class Outbox {
  private readonly listeners = new Set<() => void>();

  constructor(
    private readonly database: Database,
    private readonly config: HubbubConfig,
  ) {}

  /** Whether stored facts leave through here. */
  get enabled(): boolean {
    return this.config.bus.jetstream;
  }

  /**
   * Adds a fact inside the transaction of `manager`; call `written` after the commit. Nothing happens unless `enabled`.
   * A fact of a room waits for whoever writes to the room's log, so put it late in a transaction, and one room's only.
   */
  async put(manager: EntityManager, { roomId, ...fact }: NewFact): Promise<void> {
    if (!this.enabled) return;
    // Takes the room's lock, as appends do: an id that is given under it is above all that are committed.
    if (roomId !== undefined)
      await manager.update(MessageLogEntity, { kind: 'room', ownerId: roomId }, { kind: 'room' });
    await manager.insert(OutboxEntity, { ...fact, roomId: roomId ?? null });
  }

  /**
   * The oldest facts, by id. What is committed later may have a lower id than what was read before, though never one of the
   * same room: `afterId` is for looking past rooms that are held up, not for going on from.
   * @param limit at most 1000
   */
  read(limit: number, afterId = 0): Promise<(WaitingMessage | WaitingFact)[]> {
    return this.database.read(async (manager) => {
      const rows = await manager.query<Row[]>(
        `SELECT o.id, o.room_id, o.subject, o.payload, o.message_id, o.created_at, l.epoch, o.seq,
                m.sender_id, m.sender_name, m.content, m.timestamp, m.redacted
         FROM outbox o
         LEFT JOIN message_log l ON l.id = o.log_id
         LEFT JOIN room_message m ON m.log_id = o.log_id AND m.seq = o.seq
         WHERE o.id > ${afterId} ORDER BY o.id LIMIT ${limit}`,
      );
      return rows.map(toWaiting);
    });
  }

  /** How many facts wait. */
  count(): Promise<number> {
    return this.database.read((manager) => manager.count(OutboxEntity));
  }

  /** Forgets facts that have left. @param ids at most 1000 */
  async remove(ids: readonly number[]): Promise<void> {
    if (ids.length === 0) return;
    await this.database.transaction((manager) =>
      manager.createQueryBuilder().delete().from(OutboxEntity).where('id IN (:...ids)', { ids }).execute(),
    );
  }

  /** Lowest number of a log's message that has not left; Infinity if all have. What is read by its pointer is not to be deleted. */
  async firstOf(manager: EntityManager, logId: number): Promise<number> {
    if (!this.enabled) return Number.POSITIVE_INFINITY;
    const [first] = await manager.find(OutboxEntity, { where: { logId }, order: { seq: 'ASC' }, take: 1 });
    return first?.seq ?? Number.POSITIVE_INFINITY;
  }

  /** Calls `listener` after this node has committed facts: a hint, as other nodes commit theirs unnoticed. Returns its end. */
  onWritten(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** To be called after a commit that facts were put into; the log does so for messages. */
  written(): void {
    for (const listener of this.listeners) listener();
  }
}

/** Servers return 64-bit integers as text. */
type Integer = number | string;

interface Row {
  readonly id: Integer;
  readonly room_id: string | null;
  readonly subject: string | null;
  readonly payload: string | null;
  readonly message_id: string | null;
  readonly created_at: Integer;
  readonly epoch: string | null;
  readonly seq: Integer;
  readonly sender_id: string | null;
  readonly sender_name: string;
  readonly content: string;
  readonly timestamp: Integer;
  readonly redacted: number;
}

function toWaiting(row: Row): WaitingMessage | WaitingFact {
  const base = { id: Number(row.id), createdAt: Number(row.created_at) };
  if (row.subject !== null) {
    const { room_id: roomId, subject, payload, message_id: messageId } = row;
    return { ...base, roomId, subject: subject as Subject, payload: payload ?? '', messageId: messageId ?? '' };
  }
  const roomId = row.room_id ?? '';
  const [epoch, seq] = [row.epoch ?? '', Number(row.seq)];
  return {
    ...base,
    roomId,
    messageId: `${epoch}:${seq}`,
    message: row.sender_id === null ? null : toMessage(row, roomId),
  };
}

function toMessage(row: Row, roomId: string): LoggedMessage {
  return {
    roomId,
    epoch: row.epoch ?? '',
    seq: Number(row.seq),
    senderId: row.sender_id ?? '',
    senderName: row.sender_name,
    contentJson: row.content,
    timestamp: Number(row.timestamp),
    redacted: row.redacted !== 0,
  };
}
