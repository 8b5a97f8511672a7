import { type EntityManager, LessThan, MoreThan } from 'typeorm';
import { RevocationCountEntity, RevocationEntity } from './revocation.entity.js';
import type { Revocation } from './revocation-index.js';

const THE_COUNT = { id: 1 };

/** Reads and writes revocations. Each method runs in the transaction, or read, of its caller. */
export const revocationStore = {
  /** Stores a revocation, or a later one of the same. Done last: no other is stored anywhere until the commit. */
  async put(manager: EntityManager, { kind, subject, revokedAtS, expiresAt }: Revocation): Promise<void> {
    await manager.increment(RevocationCountEntity, THE_COUNT, 'number', 1);
    const { number } = await manager.findOneByOrFail(RevocationCountEntity, THE_COUNT);
    await manager.upsert(RevocationEntity, { kind, subject, revokedAtS, expiresAt, number }, ['kind', 'subject']);
  },

  find(manager: EntityManager, kind: Revocation['kind'], subject: string): Promise<Revocation | null> {
    return manager.findOneBy(RevocationEntity, { kind, subject });
  },

  /** All with a higher number, in its order. */
  after(manager: EntityManager, number: number): Promise<(Revocation & { readonly number: number })[]> {
    return manager.find(RevocationEntity, { where: { number: MoreThan(number) }, order: { number: 'ASC' } });
  },

  async prune(manager: EntityManager, now: number): Promise<void> {
    await manager.delete(RevocationEntity, { expiresAt: LessThan(now) });
  },
};
