import { randomUUID } from 'node:crypto';
import { ensureSecret, HubbubConfig } from '@hubbub/config';
import { HubbubError } from '@hubbub/protocol';
import { Injectable, Logger } from '@nestjs/common';
import { type Claims, readClaims } from './claims.js';
import { Clock } from './clock.js';
import { JwksKeys } from './jwks-keys.js';
import { TokenKey, type TokenKeys } from './token-key.js';

/** What a token of ours says. */
export interface TokenGrant {
  readonly userId: string;
  readonly username: string;
  readonly permissions: readonly string[];
  /** Looked up in `auth.roles` when the token is verified. */
  readonly roles?: readonly string[];
  /** Life in seconds. @default auth.access_ttl_s */
  readonly ttlS?: number;
  /** Unix seconds. @default now */
  readonly issuedAtS?: number;
  /** Refresh family. */
  readonly sessionId?: string;
}

/** Signs tokens with the node's secret, and verifies them with that secret or with the keys of another issuer, never both. */
@Injectable()
export class TokenService {
  private readonly logger = new Logger(TokenService.name);
  /** Null where tokens are made elsewhere. */
  private readonly signing: TokenKey | null;
  private readonly keys: TokenKeys;

  constructor(
    private readonly config: HubbubConfig,
    private readonly clock: Clock,
  ) {
    const { publicKey: pem, jwksUrl } = config.auth;
    this.signing = pem === undefined && jwksUrl === undefined ? TokenKey.ofSecret(secretOf(config)) : null;
    this.keys = this.makeKeys(pem, jwksUrl);
  }

  /** Whether this node makes tokens; without it nobody can sign in here. */
  get canSign(): boolean {
    return this.signing !== null;
  }

  /** @throws HubbubError Forbidden where tokens are made elsewhere */
  sign(grant: TokenGrant): { token: string; expiresAtS: number } {
    if (this.signing === null) {
      throw new HubbubError('Forbidden', { message: 'Tokens are made by another issuer; nobody signs in here.' });
    }
    const { issuer, audience, accessTtlS } = this.config.auth;
    const issuedAtS = grant.issuedAtS ?? Math.floor(this.clock.now() / 1000);
    const expiresAtS = issuedAtS + (grant.ttlS ?? accessTtlS);
    const claims = {
      user_id: grant.userId,
      sub: grant.userId,
      username: grant.username,
      permissions: grant.permissions,
      ...(grant.roles === undefined ? {} : { roles: grant.roles }),
      iat: issuedAtS,
      exp: expiresAtS,
      iss: issuer,
      jti: randomUUID(),
      ...(audience === undefined ? {} : { aud: audience }),
      ...(grant.sessionId === undefined ? {} : { sid: grant.sessionId }),
    };
    return { token: this.signing.sign(claims), expiresAtS };
  }

  /**
   * The claims of a token whose signature, times and addressee are right. Revocations are not looked at.
   * @throws HubbubError InvalidToken, TokenExpired; ServerError if the issuer's keys cannot be had
   */
  async verify(token: string): Promise<Claims> {
    const key = await this.keys.find(token);
    const { issuer, audience, roles } = this.config.auth;
    return readClaims(key.verify(token), { nowS: Math.floor(this.clock.now() / 1000), issuer, audience, roles });
  }

  private makeKeys(pem: string | undefined, url: string | undefined): TokenKeys {
    if (url !== undefined) {
      const onError = (error: unknown) =>
        this.logger.warn({ msg: 'keys of the token issuer could not be fetched', err: error });
      return new JwksKeys({ url, now: () => this.clock.now(), onError });
    }
    const key = pem === undefined ? this.signing : TokenKey.ofPublicKey(pem);
    if (key === null) throw new Error('no key to verify tokens with');
    return { find: () => key };
  }
}

function secretOf(config: HubbubConfig): string {
  ensureSecret(config);
  const { secret } = config.auth;
  if (secret === undefined) throw new Error('auth.secret is not set');
  return secret;
}
