/** What a token is known by when it is asked whether it still counts. */
export interface TokenFacts {
  readonly userId: string;
  /** Unix seconds; absent counts as 0. */
  readonly issuedAt?: number | undefined;
  readonly tokenId?: string | undefined;
  readonly sessionId?: string | undefined;
}

/**
 * One revocation: all tokens of a user up to a second, one token by its `jti`, or all tokens of one sign-in (a refresh
 * family) by `sid`.
 */
export interface Revocation {
  readonly kind: 'user' | 'token' | 'session';
  /** User id, `jti` or `sid`. */
  readonly subject: string;
  /** Unix seconds. For a user: tokens issued up to and including it are refused. */
  readonly revokedAtS: number;
  /** Unix ms after which no token it refuses can be valid; null = kept for good. */
  readonly expiresAt: number | null;
  /** Whose sign-in a `session` was: spares a search among all connections. Not stored. */
  readonly userId?: string;
}

/** All revocations in force, in memory: asked for every token without touching the database. */
export class RevocationIndex {
  private readonly users = new Map<string, number>();
  private readonly tokens = new Map<string, Revocation>();
  private readonly sessions = new Map<string, Revocation>();

  /** @returns false if it changes nothing: known already, or an earlier one of the same user */
  add(revocation: Revocation): boolean {
    const { kind, subject, revokedAtS } = revocation;
    if (kind === 'user') {
      if ((this.users.get(subject) ?? -1) >= revokedAtS) return false;
      this.users.set(subject, revokedAtS);
      return true;
    }
    const map = kind === 'token' ? this.tokens : this.sessions;
    const isNew = !map.has(subject);
    map.set(subject, revocation);
    return isNew;
  }

  refuses(token: TokenFacts): boolean {
    const upTo = this.users.get(token.userId);
    if (upTo !== undefined && Math.floor(token.issuedAt ?? 0) <= upTo) return true;
    if (token.tokenId !== undefined && this.tokens.has(token.tokenId)) return true;
    return token.sessionId !== undefined && this.sessions.has(token.sessionId);
  }

  /** Forgets what can refuse nothing any more. @param now Unix ms */
  prune(now: number): void {
    for (const map of [this.tokens, this.sessions]) {
      for (const [subject, { expiresAt }] of map) {
        if (expiresAt !== null && expiresAt <= now) map.delete(subject);
      }
    }
  }

  get size(): number {
    return this.users.size + this.tokens.size + this.sessions.size;
  }
}
