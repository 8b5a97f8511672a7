import { HubbubConfig } from '@hubbub/config';
import { Metrics } from '@hubbub/observability';
import { HubbubError } from '@hubbub/protocol';
import { Database } from '@hubbub/storage';
import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { type Account, Accounts, accountId } from './accounts.js';
import { Clock } from './clock.js';
import { type IssuedRefreshToken, refreshTokens, type TokenTimes } from './refresh-tokens.js';
import type { Revocation } from './revocation-index.js';
import { Revocations } from './revocations.service.js';
import { SignInLimits } from './sign-in-limits.js';
import { TokenService } from './token.service.js';

/** What a successful sign-in gives. */
export interface SignedIn {
  readonly account: Account;
  readonly accessToken: string;
  readonly refreshToken: string;
  /** Life of the access token, in seconds. */
  readonly expiresInS: number;
}

interface Begun {
  readonly issued: IssuedRefreshToken;
  /** Fixed inside the transaction: whatever revokes the user after it refuses the token that is signed behind it. */
  readonly issuedAtS: number;
}

/** Registration, sign-in, refresh and sign-out of local accounts. */
@Injectable()
export class SignIn {
  constructor(
    private readonly config: HubbubConfig,
    private readonly database: Database,
    private readonly accounts: Accounts,
    private readonly tokens: TokenService,
    private readonly revocations: Revocations,
    private readonly limits: SignInLimits,
    private readonly clock: Clock,
    private readonly metrics: Metrics,
  ) {}

  /** Whether users have accounts here; otherwise another issuer makes their tokens. */
  get isLocal(): boolean {
    return this.tokens.canSign;
  }

  /**
   * @param network see `clientNetwork`
   * @throws HubbubError UsernameTaken, RateLimited; Forbidden where registration is off
   */
  async register(username: string, password: string, network: string): Promise<SignedIn> {
    this.refuseUnlessLocal();
    if (!this.config.auth.registration) throw new HubbubError('Forbidden', { message: 'Registration is off.' });
    this.countAttempt(network);
    const account = await this.accounts.register(username, password);
    this.metrics.authResults.inc({ result: 'registered' });
    return this.begin(account, network);
  }

  /** @throws HubbubError Unauthorized, alike for a wrong name and a wrong password; RateLimited */
  async login(username: string, password: string, network: string): Promise<SignedIn> {
    this.refuseUnlessLocal();
    this.countAttempt(network);
    const id = accountId(username);
    const wait = this.limits.expectFailure(id, network, this.clock.now());
    this.refuseIfLimited(wait);
    const account = await this.check(username, password, network);
    this.metrics.authResults.inc({ result: account === null ? 'wrong_password' : 'signed_in' });
    if (account === null) throw new HubbubError('Unauthorized', { message: 'Wrong username or password.' });
    this.limits.succeeded(id, network);
    return this.begin(account, network);
  }

  /**
   * @param retryKey what makes a repetition of this very request a retry, not a reuse
   * @throws HubbubError InvalidToken if the token is unknown, used or expired
   */
  async refresh(refreshToken: string, retryKey: string | undefined, network: string): Promise<SignedIn> {
    this.refuseUnlessLocal();
    const outcome = await this.database.transaction(async (manager) => {
      const rotation = await refreshTokens.rotate(manager, refreshToken, retryKey, this.times());
      if (rotation.kind === 'unknown') return null;
      if (rotation.kind === 'reused') return this.endSession(manager, rotation.ended);
      return this.begun(manager, rotation.issued);
    });
    if (outcome !== null && 'kind' in outcome) await this.revocations.announce(outcome);
    const refused = outcome === null || 'kind' in outcome;
    this.metrics.authResults.inc({ result: refused ? 'wrong_refresh_token' : 'refreshed' });
    if (refused) throw new HubbubError('InvalidToken');
    const account = await this.accounts.find(outcome.issued.userId);
    if (account === null) throw new HubbubError('InvalidToken');
    this.limits.know(account.userId, network);
    return this.sign(account, outcome);
  }

  /** Ends the sign-in that the token came from, everywhere. A token that is none has nothing to end: that is no error. */
  async logout(refreshToken: string): Promise<void> {
    const revocation = await this.database.transaction(async (manager) => {
      const ended = await refreshTokens.end(manager, refreshToken);
      return ended === null ? null : this.endSession(manager, ended);
    });
    if (revocation !== null) await this.revocations.announce(revocation);
  }

  /**
   * What a token of an account grants that signs in now. Looked up at every sign-in and refresh, so that a change of the configuration reaches everybody within one access token.
   */
  grantsOf({ userId }: Account): string[] {
    const { defaultPermissions, admins } = this.config.auth;
    const isAdmin = admins.some((name) => accountId(name) === userId);
    return isAdmin ? [...defaultPermissions, 'admin:system'] : [...defaultPermissions];
  }

  private async check(username: string, password: string, network: string): Promise<Account | null> {
    try {
      return await this.accounts.check(username, password);
    } catch (error) {
      // The database was away or too many wait: nobody has guessed.
      this.limits.failureDidNotHappen(accountId(username), network);
      throw error;
    }
  }

  private async begin(account: Account, network: string): Promise<SignedIn> {
    const begun = await this.database.transaction(async (manager) =>
      this.begun(manager, await refreshTokens.start(manager, account.userId, this.times())),
    );
    this.limits.know(account.userId, network);
    return this.sign(account, begun);
  }

  private async begun(manager: EntityManager, issued: IssuedRefreshToken): Promise<Begun> {
    return { issued, issuedAtS: await this.revocations.issuedAtS(manager, issued.userId) };
  }

  private sign(account: Account, { issued, issuedAtS }: Begun): SignedIn {
    const { accessTtlS } = this.config.auth;
    const { token } = this.tokens.sign({
      ...account,
      permissions: this.grantsOf(account),
      ttlS: accessTtlS,
      issuedAtS,
      sessionId: issued.family,
    });
    return { account, accessToken: token, refreshToken: issued.token, expiresInS: accessTtlS };
  }

  private endSession(
    manager: EntityManager,
    { family, userId, accessExpiresAt }: { family: string; userId: string; accessExpiresAt: number },
  ): Promise<Revocation> {
    return this.revocations.putSession(manager, family, userId, accessExpiresAt);
  }

  private times(): TokenTimes {
    const now = this.clock.now();
    const { accessTtlS, refreshTtlS } = this.config.auth;
    // A second more, as `iat` may lie in the next one.
    return { now, expiresAt: now + refreshTtlS * 1000, accessExpiresAt: now + (accessTtlS + 1) * 1000 };
  }

  private countAttempt(network: string): void {
    this.refuseIfLimited(this.limits.attempt(network, this.clock.now()));
  }

  private refuseIfLimited(waitMs: number): void {
    if (waitMs === 0) return;
    this.metrics.rateLimited.inc();
    throw new HubbubError('RateLimited', { retryAfterMs: waitMs });
  }

  private refuseUnlessLocal(): void {
    if (!this.isLocal) throw new HubbubError('Forbidden', { message: 'Accounts are kept by another issuer.' });
  }
}
