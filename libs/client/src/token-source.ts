import { CommandError } from './command-error.js';

/** Why a token is asked for; with `refused`, the last one was, and the same again ends the client. */
export type TokenReason = 'connect' | 'expiring' | 'refused';

/**
 * Gives a token: before every connection, and on a live one before its token expires.
 * Throwing an error with `retryable: false` ends the client; any other error is tried again like a lost connection.
 */
export type TokenProvider = (reason: TokenReason) => string | Promise<string>;

/** The token of the next connection, and whether another can be had when it is refused. */
export class TokenSource {
  private last: string | undefined;
  /** The last token was refused: the same one again is no use. */
  private refused = false;

  constructor(private token: string | TokenProvider | undefined) {}

  get isRenewable(): boolean {
    return typeof this.token === 'function';
  }

  /** @throws CommandError InvalidToken if the provider only has the token that was refused */
  async next(reason: 'connect' | 'expiring'): Promise<string | undefined> {
    const why = this.refused ? 'refused' : reason;
    const token = typeof this.token === 'function' ? await this.token(why) : this.token;
    if (this.refused && token === this.last) {
      throw new CommandError('InvalidToken', { code: 2003, message: 'The token was refused, and there is no other.' });
    }
    this.last = token;
    return token;
  }

  /** The application authenticated by itself: the next connection begins with that token. */
  replace(token: string): void {
    if (!this.isRenewable) this.token = token;
  }

  accepted(): void {
    this.refused = false;
  }

  /** @returns whether it makes sense to ask for another; once, until one was accepted */
  refuse(): boolean {
    if (this.refused || !this.isRenewable) return false;
    this.refused = true;
    return true;
  }
}
