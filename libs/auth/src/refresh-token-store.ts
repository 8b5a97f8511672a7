import { lockName } from '@hubbub/storage';
import { type EntityManager, In, IsNull, LessThan, LessThanOrEqual, MoreThan } from 'typeorm';
import { RefreshTokenEntity } from './refresh-token.entity.js';

/** Reads and writes refresh tokens. Each method runs in the transaction, or read, of its caller. */
export const refreshTokenStore = {
  /**
   * Lets one transaction at a time change the sign-ins of a user: a token that is made while its family or its user's
   * sessions are ended would outlive them.
   */
  lock(manager: EntityManager, userId: string): Promise<void> {
    return lockName(manager, `sign-ins of ${userId}`);
  },

  /** A token as it stays until the transaction ends. */
  async lockOne(manager: EntityManager, hash: string): Promise<RefreshTokenEntity | null> {
    const found = await manager.findOneBy(RefreshTokenEntity, { hash });
    if (found === null) return null;
    await this.lock(manager, found.userId);
    return manager.findOneBy(RefreshTokenEntity, { hash });
  },

  /** What came after `generation` in a family, in order. */
  successors(manager: EntityManager, family: string, generation: number): Promise<RefreshTokenEntity[]> {
    return manager.find(RefreshTokenEntity, {
      where: { family, generation: MoreThan(generation) },
      order: { generation: 'ASC' },
    });
  },

  async insert(manager: EntityManager, token: RefreshTokenEntity): Promise<void> {
    await manager.insert(RefreshTokenEntity, token);
  },

  async markUsed(manager: EntityManager, hash: string, usedAt: number, retryKeyHash: string | null): Promise<void> {
    await manager.update(RefreshTokenEntity, { hash }, { usedAt, retryKeyHash });
  },

  async withdraw(manager: EntityManager, hash: string, now: number): Promise<void> {
    await manager.update(RefreshTokenEntity, { hash }, { usedAt: now, withdrawn: true });
  },

  async removeFamilies(manager: EntityManager, families: readonly string[]): Promise<void> {
    if (families.length > 0) await manager.delete(RefreshTokenEntity, { family: In([...families]) });
  },

  async removeOfUser(manager: EntityManager, userId: string): Promise<void> {
    await manager.delete(RefreshTokenEntity, { userId });
  },

  /** Forgets the used tokens of a family up to `generation`. */
  async forgetUpTo(manager: EntityManager, family: string, generation: number): Promise<void> {
    await manager.delete(RefreshTokenEntity, { family, generation: LessThanOrEqual(generation) });
  },

  /** Families of a user beyond his `keep` latest. */
  async surplusFamilies(manager: EntityManager, userId: string, keep: number): Promise<string[]> {
    const surplus = await manager.find(RefreshTokenEntity, {
      where: { userId, usedAt: IsNull() },
      order: { issuedAt: 'DESC' },
      select: { hash: true, family: true },
      skip: keep,
      take: 100,
    });
    return surplus.map(({ family }) => family);
  },

  /** Removes up to `limit` that have expired. @returns how many */
  async prune(manager: EntityManager, now: number, limit: number): Promise<number> {
    const expired = await manager.find(RefreshTokenEntity, {
      where: { expiresAt: LessThan(now) },
      select: { hash: true },
      take: limit,
    });
    if (expired.length > 0) await manager.delete(RefreshTokenEntity, { hash: In(expired.map(({ hash }) => hash)) });
    return expired.length;
  },
};
