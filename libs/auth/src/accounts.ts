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

/** Port: the accounts that sign in here, and what proves that somebody is who he says. */
export abstract class Accounts {
  /** @throws HubbubError UsernameTaken */
  abstract register(username: string, password: string): Promise<Account>;

  /** The account, or null for a wrong name and a wrong password alike, after the same time. */
  abstract check(username: string, password: string): Promise<Account | null>;

  abstract find(userId: string): Promise<Account | null>;

  /** Whether `userId` is an account; users of other issuers are none. */
  async exists(userId: string): Promise<boolean> {
    return (await this.find(userId)) !== null;
  }
}
