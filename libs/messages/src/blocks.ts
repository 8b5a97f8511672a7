import { Database, insertIfAbsent } from '@hubbub/storage';
import { Injectable } from '@nestjs/common';
import { UserBlockEntity } from './message.entities.js';

/** Whose direct messages do not reach whom. The log looks at it in the transaction that stores a message. */
@Injectable()
export class Blocks {
  constructor(private readonly database: Database) {}

  /** Whether direct messages from `senderId` are kept from `userId`. @throws HubbubError ServerError */
  has(userId: string, senderId: string): Promise<boolean> {
    return this.database.read((manager) => manager.existsBy(UserBlockEntity, { userId, blockedId: senderId }));
  }

  /** Says whether direct messages from `blockedId` are kept from `userId` from now on. */
  set(userId: string, blockedId: string, blocked: boolean): Promise<void> {
    return this.database.transaction(async (manager) => {
      if (!blocked) await manager.delete(UserBlockEntity, { userId, blockedId });
      else await insertIfAbsent(manager, UserBlockEntity, { userId, blockedId }, ['userId', 'blockedId']);
    });
  }
}
