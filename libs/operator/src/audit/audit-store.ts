import { type EntityManager, type FindOptionsWhere, In, LessThan } from 'typeorm';
import { AuditEntryEntity, type AuditOutcome } from './audit-entry.entity.js';

export interface AuditQuery {
  /** Only older ones than this id. */
  readonly before?: string | undefined;
  readonly actorId?: string | undefined;
  readonly action?: string | undefined;
  /** Any id of what it was done to. */
  readonly target?: string | undefined;
  readonly limit: number;
}

const TARGETS = ['roomId', 'userId', 'connectionId', 'targetNodeId', 'tokenId'] as const;

/** Reads and writes the audit log. Each method runs in the transaction, or read, of its caller. */
export const auditStore = {
  async insert(manager: EntityManager, entries: readonly AuditEntryEntity[]): Promise<void> {
    await manager.insert(AuditEntryEntity, [...entries]);
  },

  async settle(manager: EntityManager, id: string, outcome: AuditOutcome, code: number | null): Promise<void> {
    await manager.update(AuditEntryEntity, { id }, { outcome, code });
  },

  /** The newest first. */
  async page(manager: EntityManager, { target, ...query }: AuditQuery): Promise<AuditEntryEntity[]> {
    if (target === undefined) return newest(manager, query, {});
    // Each by its own index: asked for any of them, databases read the whole log, and SQLite does so in the loop of the node.
    const found = new Map<string, AuditEntryEntity>();
    for (const column of TARGETS) {
      for (const entry of await newest(manager, query, { [column]: target })) found.set(entry.id, entry);
    }
    return [...found.values()].sort((a, b) => (a.id > b.id ? -1 : 1)).slice(0, query.limit);
  },

  /** Deletes the oldest of those before `id`. @returns how many */
  async prune(manager: EntityManager, id: string, limit: number): Promise<number> {
    const oldest = await manager.find(AuditEntryEntity, {
      select: { id: true },
      where: { id: LessThan(id) },
      order: { id: 'ASC' },
      take: limit,
    });
    if (oldest.length > 0) await manager.delete(AuditEntryEntity, { id: In(oldest.map((entry) => entry.id)) });
    return oldest.length;
  },
};

function newest(
  manager: EntityManager,
  { before, actorId, action, limit }: Omit<AuditQuery, 'target'>,
  target: FindOptionsWhere<AuditEntryEntity>,
): Promise<AuditEntryEntity[]> {
  const where: FindOptionsWhere<AuditEntryEntity> = {
    ...target,
    ...(before === undefined ? {} : { id: LessThan(before) }),
    ...(actorId === undefined ? {} : { actorId }),
    ...(action === undefined ? {} : { action }),
  };
  return manager.find(AuditEntryEntity, { where, order: { id: 'DESC' }, take: limit });
}
