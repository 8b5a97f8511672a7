import type { EntityManager } from 'typeorm';
import { UserEntity } from './user.entity.js';

/** Reads and writes accounts. Each method runs in the transaction, or read, of its caller. */
export const accountStore = {
  /** @param id username in lower case */
  find(manager: EntityManager, id: string): Promise<UserEntity | null> {
    return manager.findOneBy(UserEntity, { id });
  },

  async insert(manager: EntityManager, account: UserEntity): Promise<void> {
    await manager.insert(UserEntity, account);
  },
};
