import { type Cache, Caches } from '@hubbub/cache';
import { HubbubError } from '@hubbub/protocol';
import { Database, isUniqueViolation } from '@hubbub/storage';
import { Injectable, type OnModuleInit } from '@nestjs/common';
import { accountStore } from './account-store.js';
import { type Account, Accounts, accountId } from './accounts.js';
import { Clock } from './clock.js';
import { Passwords } from './passwords.js';

/** The accounts of this database and their passwords. */
@Injectable()
export class DatabaseAccounts extends Accounts implements OnModuleInit {
  /** Never changed nor removed once they are made. */
  private readonly known: Cache<Account>;

  constructor(
    private readonly database: Database,
    private readonly passwords: Passwords,
    private readonly clock: Clock,
    caches: Caches,
  ) {
    super();
    this.known = caches.make('user');
  }

  async onModuleInit(): Promise<void> {
    await this.passwords.prepare();
  }

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
}
