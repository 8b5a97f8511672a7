import { type Cache, Caches } from '@hubbub/cache';
import { HubbubError } from '@hubbub/protocol';
import { Database, isUniqueViolation } from '@hubbub/storage';
import { Injectable, type OnModuleInit } from '@nestjs/common';
import { accountStore } from './account-store.js';
import { Clock } from './clock.js';
import { Passwords } from './passwords.js';

/** A local account, without what proves it. */
export interface Account {
  readonly userId: string;
  /** As written at registration. */
  readonly username: string;
}

/** The id of the account of `username`: names that differ only in case are one account. */
export function accountId(username: string): string {
  return username.toLowerCase();
}

/** The accounts of this database and their passwords. */
@Injectable()
export class Accounts implements OnModuleInit {
  /** Never changed nor removed once they are made. */
  private readonly known: Cache<Account>;

  constructor(
    private readonly database: Database,
    private readonly passwords: Passwords,
    private readonly clock: Clock,
    caches: Caches,
  ) {
    this.known = caches.make('user');
  }

  async onModuleInit(): Promise<void> {
    await this.passwords.prepare();
  }

  /** @throws HubbubError UsernameTaken */
  async register(username: string, password: string): Promise<Account> {
    const id = accountId(username);
    // Asked first, as hashing is dear; the insert decides, as somebody may register meanwhile.
    if (await this.exists(id)) throw new HubbubError('UsernameTaken');
    const passwordHash = await this.passwords.hash(password);
    const account = { id, username, passwordHash, createdAt: this.clock.now() };
    try {
      await this.database.transaction((manager) => accountStore.insert(manager, account));
    } catch (error) {
      if (isUniqueViolation(error)) throw new HubbubError('UsernameTaken', { cause: error });
      throw error;
    }
    return { userId: id, username };
  }

  /** The account, or null for a wrong name and a wrong password alike, after the same time. */
  async check(username: string, password: string): Promise<Account | null> {
    const account = await this.database.read((manager) => accountStore.find(manager, accountId(username)));
    const matches = await this.passwords.matches(account?.passwordHash ?? null, password);
    return matches && account !== null ? { userId: account.id, username: account.username } : null;
  }

  async find(userId: string): Promise<Account | null> {
    const found = await this.known.get(userId, async () => {
      const account = await this.database.read((manager) => accountStore.find(manager, userId));
      return account === null ? null : { userId: account.id, username: account.username };
    });
    return found === null ? null : found.value;
  }

  /** Whether `userId` is an account of this database; users of other issuers are none. */
  async exists(userId: string): Promise<boolean> {
    return (await this.find(userId)) !== null;
  }
}
