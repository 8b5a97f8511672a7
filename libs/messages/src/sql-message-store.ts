import { type Database, portions } from '@hubbub/storage';
import type { EntityManager } from 'typeorm';
import { type LogKind, MessageLogEntity, RoomMessageEntity } from './message.entities.js';
import { type KnownHead, MessageStore } from './message-store.js';
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

  override async movedHeads(known: Iterable<KnownHead>): Promise<Map<string, LogPosition>> {
    const rows = await inPortions(known, (some) => this.movedRows('room', some));
    return new Map(rows.map(({ owner_id, epoch, seq }) => [owner_id, { epoch, seq }]));
  }

  override async inboxHead(userId: string): Promise<number> {
    const [row] = await this.headRows('inbox', [userId]);
    return row?.seq ?? 0;
  }

  override async inboxHeads(userIds: readonly string[]): Promise<Map<string, number>> {
    return seqs(await inPortions(userIds, (some) => this.headRows('inbox', some)));
  }

  override async movedInboxHeads(known: Iterable<KnownHead>): Promise<Map<string, number>> {
    return seqs(await inPortions(known, (some) => this.movedRows('inbox', some)));
  }

  /** Where these logs stand; unknown ones are left out. */
  protected abstract headRows(kind: LogKind, ownerIds: readonly string[]): Promise<HeadRow[]>;

  /** As `headRows`, without those that stand where they are known to. Nearly all do: a database may leave them out itself. */
  protected async movedRows(kind: LogKind, known: readonly KnownHead[]): Promise<HeadRow[]> {
    const expected = new Map(known);
    const rows = await this.headRows(kind, [...expected.keys()]);
    return rows.filter(({ owner_id, seq }) => seq !== expected.get(owner_id));
  }
}

function seqs(rows: readonly HeadRow[]): Map<string, number> {
  return new Map(rows.map(({ owner_id, seq }) => [owner_id, seq]));
}

/** So that the event loop goes on between them. */
async function inPortions<T>(logs: Iterable<T>, read: (some: readonly T[]) => Promise<HeadRow[]>): Promise<HeadRow[]> {
  const rows: HeadRow[] = [];
  for (const portion of portions(logs, HEADS_AT_ONCE)) rows.push(...(await read(portion)));
  return rows;
}
