import { type EntityManager, LessThan, MoreThanOrEqual } from 'typeorm';
import { RevocationEntity } from './revocation.entity.js';
import type { Revocation } from './revocation-index.js';

/** Reads and writes revocations. Each method runs in the transaction, or read, of its caller. */
export const revocationStore = {
  async put(manager: EntityManager, { kind, subject, revokedAtS, expiresAt }: Revocation): Promise<void> {
    await manager.upsert(RevocationEntity, { kind, subject, revokedAtS, expiresAt }, ['kind', 'subject']);
  },

  find(manager: EntityManager, kind: Revocation['kind'], subject: string): Promise<Revocation | null> {
    return manager.findOneBy(RevocationEntity, { kind, subject });
  },

  /** All that were made in or after the second `sinceS`. */
  since(manager: EntityManager, sinceS: number): Promise<Revocation[]> {
    return manager.findBy(RevocationEntity, { revokedAtS: MoreThanOrEqual(sinceS) });
  },

  async prune(manager: EntityManager, now: number): Promise<void> {
    await manager.delete(RevocationEntity, { expiresAt: LessThan(now) });
  },
};
