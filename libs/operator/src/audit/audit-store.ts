import { Brackets, type EntityManager, In, LessThan } from 'typeorm';
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
  page(manager: EntityManager, { before, actorId, action, target, limit }: AuditQuery): Promise<AuditEntryEntity[]> {
    const query = manager.createQueryBuilder(AuditEntryEntity, 'entry').orderBy('entry.id', 'DESC').take(limit);
    if (before !== undefined) query.andWhere('entry.id < :before', { before });
    if (actorId !== undefined) query.andWhere('entry.actorId = :actorId', { actorId });
    if (action !== undefined) query.andWhere('entry.action = :action', { action });
    if (target !== undefined) {
      const any = new Brackets((where) => {
        for (const column of TARGETS) where.orWhere(`entry.${column} = :target`, { target });
      });
      query.andWhere(any);
    }
    return query.getMany();
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
