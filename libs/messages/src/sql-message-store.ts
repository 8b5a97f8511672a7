import type { Database } from '@hubbub/storage';
import type { EntityManager } from 'typeorm';
import { type LogKind, MessageLogEntity, RoomMessageEntity } from './message.entities.js';
import { MessageStore } from './message-store.js';
import type { LogHead, LogPosition } from './messages.js';

export interface HeadRow extends LogHead {
  readonly owner_id: string;
}

/** Logs whose heads are read at once. */
const HEADS_AT_ONCE = 1000;

/** What the stores do alike, by statements that every database has. */
export abstract class SqlMessageStore extends MessageStore {
  private epoch: string | null = null;

  constructor(private readonly database: Database) {
    super();
  }

  override async create(manager: EntityManager, roomId: string, epoch: string): Promise<void> {
    await manager.insert(MessageLogEntity, { kind: 'room', ownerId: roomId, epoch, head: 0, floor: 0 });
  }

  override async detach(manager: EntityManager, roomId: string): Promise<void> {
    await manager.update(MessageLogEntity, { kind: 'room', ownerId: roomId }, { ownerId: null });
  }

  override async redact(manager: EntityManager, roomId: string, seq: number): Promise<boolean> {
    const log = await manager.findOneBy(MessageLogEntity, { kind: 'room', ownerId: roomId });
    if (log === null) return false;
    const message = { logId: log.id, seq };
    const { affected } = await manager.update(RoomMessageEntity, message, { content: 'null', redacted: 1 });
    return affected === 1;
  }

  override async inboxEpoch(): Promise<string> {
    this.epoch ??= await this.database.read(async (manager) => {
      const row = await manager.findOneByOrFail(MessageLogEntity, { kind: 'all-inboxes' });
      return row.epoch;
    });
    return this.epoch;
  }

  override async head(roomId: string): Promise<LogHead | null> {
    const [row] = await this.headRows('room', [roomId]);
    return row === undefined ? null : { epoch: row.epoch, seq: row.seq, floor: row.floor };
  }

  override async heads(roomIds: readonly string[]): Promise<Map<string, LogPosition>> {
    const rows = await this.allHeadRows('room', roomIds);
    return new Map(rows.map(({ owner_id, epoch, seq }) => [owner_id, { epoch, seq }]));
  }

  override async inboxHead(userId: string): Promise<number> {
    const [row] = await this.headRows('inbox', [userId]);
    return row?.seq ?? 0;
  }

  override async inboxHeads(userIds: readonly string[]): Promise<Map<string, number>> {
    const rows = await this.allHeadRows('inbox', userIds);
    return new Map(rows.map(({ owner_id, seq }) => [owner_id, seq]));
  }

  /** Where these logs stand; unknown ones are left out. */
  protected abstract headRows(kind: LogKind, ownerIds: readonly string[]): Promise<HeadRow[]>;

  /** In portions, so that the event loop goes on between them. */
  private async allHeadRows(kind: LogKind, ownerIds: readonly string[]): Promise<HeadRow[]> {
    const rows: HeadRow[] = [];
    for (let at = 0; at < ownerIds.length; at += HEADS_AT_ONCE) {
      rows.push(...(await this.headRows(kind, ownerIds.slice(at, at + HEADS_AT_ONCE))));
    }
    return rows;
  }
}
