import { compareRows, Database } from '@hubbub/storage';
import { Injectable } from '@nestjs/common';
import { type EntityManager, LessThan } from 'typeorm';
import {
  IdempotencyKeyEntity,
  InboxMessageEntity,
  type LogKind,
  MessageLogEntity,
  ReadMarkerEntity,
  RoomMessageEntity,
} from './message.entities.js';

import { Outbox } from './outbox.js';

/** Most messages deleted by one transaction: it holds up every append for as long as it takes and, on SQLite, the event loop. */
const MESSAGES_AT_ONCE = 150;
const KEYS_AT_ONCE = 300;
const LOGS_AT_ONCE = 200;

/** What is kept no longer; undefined for no such limit. */
export interface RetentionLimits {
  /** Messages before this time, Unix ms. */
  readonly before?: number;
  /** Messages of a room beyond so many; inboxes have no such limit. */
  readonly maxMessages?: number;
  /** Messages from this time on are kept all the same, Unix ms. */
  readonly keptFrom?: number;
}

/** A place in the keys, in the order of their primary key. */
export interface KeyCursor {
  readonly logId: number;
  readonly scope: string;
  readonly name: string;
}

const KEY_ORDER = [
  ['log_id', 'logId'],
  ['scope', 'scope'],
  ['name', 'name'],
] as const;
const TO_KEY_ORDER = [
  ['log_id', 'toLogId'],
  ['scope', 'toScope'],
  ['name', 'toName'],
] as const;

const messagesOf = (kind: LogKind) => (kind === 'inbox' ? InboxMessageEntity : RoomMessageEntity);

/** Deletes from the logs, in portions that each take little time. Every method does one portion. */
@Injectable()
export class RetentionStore {
  constructor(
    private readonly database: Database,
    private readonly outbox: Outbox,
  ) {}

  /** Logs after `afterId` that messages were kept of, in the order of their ids; `nextId` null at the end. */
  logs(afterId: number): Promise<{ logs: MessageLogEntity[]; nextId: number | null }> {
    return this.database.read(async (manager) => {
      const logs = await manager
        .createQueryBuilder(MessageLogEntity, 'log')
        .where('log.id > :afterId', { afterId })
        .orderBy('log.id')
        .take(LOGS_AT_ONCE)
        .getMany();
      const nextId = logs.length === LOGS_AT_ONCE ? (logs.at(-1)?.id ?? null) : null;
      return { logs: logs.filter(({ head, floor }) => head > floor), nextId };
    });
  }

  /** Whether the oldest message kept is over a limit. */
  isOver(log: MessageLogEntity, limits: RetentionLimits): Promise<boolean> {
    if (cutByCount(log, limits) > log.floor) return Promise.resolve(true);
    const { before } = limits;
    if (before === undefined) return Promise.resolve(false);
    return this.database.read(async (manager) => {
      const seq = log.floor + 1;
      const row = await manager.findOneBy(messagesOf(log.kind), { logId: log.id, seq });
      return row !== null && row.timestamp < before;
    });
  }

  /** Deletes the oldest messages that are over a limit; returns the floor, and whether there may be more to delete. */
  prune(logId: number, limits: RetentionLimits): Promise<{ floor: number; more: boolean }> {
    return this.database.transaction(async (manager) => {
      const log = await manager.findOneBy(MessageLogEntity, { id: logId });
      if (log === null) return { floor: 0, more: false };
      const oldest = await oldestOf(manager, log);
      let cut = Math.min(cutByCount(log, limits), log.floor + MESSAGES_AT_ONCE);
      for (const { seq, timestamp } of oldest) {
        if (limits.before === undefined || timestamp >= limits.before) break;
        cut = Math.max(cut, seq);
      }
      const young = oldest.find(({ timestamp }) => timestamp >= (limits.keptFrom ?? Number.POSITIVE_INFINITY));
      if (young !== undefined) cut = Math.min(cut, young.seq - 1);
      cut = Math.min(cut, (await this.outbox.firstOf(manager, logId)) - 1);
      if (cut <= log.floor) return { floor: log.floor, more: false };
      await deleteUpTo(manager, log, cut);
      // By numbers, not by what was found: another node may have deleted some of it meanwhile.
      return { floor: cut, more: cut >= log.floor + MESSAGES_AT_ONCE };
    });
  }

  /** Logs of deleted rooms whose messages have all left. */
  detached(): Promise<MessageLogEntity[]> {
    return this.database.read((manager) => {
      const logs = manager
        .createQueryBuilder(MessageLogEntity, 'log')
        .where("log.kind = 'room' AND log.ownerId IS NULL");
      if (this.outbox.enabled) logs.andWhere('NOT EXISTS (SELECT 1 FROM outbox WHERE outbox.log_id = log.id)');
      return logs.orderBy('log.id').take(LOGS_AT_ONCE).getMany();
    });
  }

  /** Deletes a portion of what a deleted room left; true once all of it is gone. */
  purge(logId: number): Promise<boolean> {
    return this.database.transaction(async (manager) => {
      const log = await manager.findOneBy(MessageLogEntity, { id: logId });
      if (log === null) return true;
      if (log.floor < log.head) {
        await deleteUpTo(manager, log, Math.min(log.head, log.floor + MESSAGES_AT_ONCE));
        return false;
      }
      const keys = await keysAfter(manager, { logId, scope: '', name: '' }, logId);
      const last = keys.at(-1);
      if (last !== undefined) {
        await deleteKeys(manager, { logId, scope: '', name: '' }, last);
        return false;
      }
      await manager.delete(ReadMarkerEntity, { logId });
      await manager.delete(MessageLogEntity, { id: logId });
      return true;
    });
  }

  /** Deletes the expired among the next keys after `cursor`; returns where to go on, null at the end. */
  async pruneKeys(cursor: KeyCursor, before: number): Promise<KeyCursor | null> {
    const keys = await this.database.read((manager) => keysAfter(manager, cursor));
    const last = keys.at(-1);
    if (last === undefined) return null;
    if (keys.some(({ timestamp }) => timestamp < before)) {
      await this.database.transaction((manager) => deleteKeys(manager, cursor, last, before));
    }
    return keys.length === KEYS_AT_ONCE ? last : null;
  }
}

function cutByCount(log: MessageLogEntity, { maxMessages }: RetentionLimits): number {
  return maxMessages === undefined || log.kind !== 'room' ? 0 : log.head - maxMessages;
}

function oldestOf(manager: EntityManager, log: MessageLogEntity): Promise<{ seq: number; timestamp: number }[]> {
  return manager
    .createQueryBuilder(messagesOf(log.kind), 'message')
    .select(['message.logId', 'message.seq', 'message.timestamp'])
    .where('message.logId = :id AND message.seq > :floor', log)
    .orderBy('message.seq')
    .limit(MESSAGES_AT_ONCE)
    .getMany();
}

async function deleteUpTo(manager: EntityManager, log: MessageLogEntity, floor: number): Promise<void> {
  await manager
    .createQueryBuilder()
    .delete()
    .from(messagesOf(log.kind))
    .where('log_id = :id AND seq > :from AND seq <= :floor', { id: log.id, from: log.floor, floor })
    .execute();
  // Another node may be at the same, and further: a floor goes up only.
  await manager.update(MessageLogEntity, { id: log.id, floor: LessThan(floor) }, { floor });
}

function keysAfter(manager: EntityManager, cursor: KeyCursor, logId?: number): Promise<IdempotencyKeyEntity[]> {
  const keys = manager
    .createQueryBuilder(IdempotencyKeyEntity, 'entry')
    .where(compareRows(manager, KEY_ORDER, '>'), cursor)
    .orderBy('entry.logId')
    .addOrderBy('entry.scope')
    .addOrderBy('entry.name')
    .limit(KEYS_AT_ONCE);
  if (logId !== undefined) keys.andWhere('entry.logId = :only', { only: logId });
  return keys.getMany();
}

/** Keys after `from` up to `to`: all of them, or those before a time. */
async function deleteKeys(manager: EntityManager, from: KeyCursor, to: KeyCursor, before?: number): Promise<void> {
  const keys = manager
    .createQueryBuilder()
    .delete()
    .from(IdempotencyKeyEntity)
    .where(compareRows(manager, KEY_ORDER, '>'), from)
    .andWhere(compareRows(manager, TO_KEY_ORDER, '<='), {
      toLogId: to.logId,
      toScope: to.scope,
      toName: to.name,
    });
  if (before !== undefined) keys.andWhere('timestamp < :before', { before });
  await keys.execute();
}
