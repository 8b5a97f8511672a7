import { randomUUID } from 'node:crypto';
import { HubbubConfig } from '@hubbub/config';
import { Metrics } from '@hubbub/observability';
import { HubbubError, isHubbubError } from '@hubbub/protocol';
import { Authenticator, type Identity, Standing } from '@hubbub/transport';
import { Injectable, Optional } from '@nestjs/common';
import { ANONYMOUS_PREFIX, type Claims } from './claims.js';
import { PermissionSets } from './permission-sets.js';
import { Revocations } from './revocations.service.js';
import { TokenService } from './token.service.js';

/** Who holds a token: for upgrades, for `authenticate` and for HTTP alike. */
@Injectable()
export class TokenAuthenticator extends Authenticator {
  private readonly permissionSets = new PermissionSets();

  constructor(
    private readonly config: HubbubConfig,
    private readonly tokens: TokenService,
    private readonly revocations: Revocations,
    private readonly metrics: Metrics,
    @Optional() private readonly standing?: Standing,
  ) {
    super();
  }

  /** @throws also HubbubError ServerError, if the keys of another issuer cannot be had */
  async authenticate(token: string): Promise<Identity> {
    const claims = await this.verified(token);
    // After a pause in which it was taken for dead, this node may not have been told of revocations.
    const { standing } = this;
    if (standing !== undefined && performance.now() >= standing.servesUntil) await standing.confirm();
    if (this.revocations.refuses({ ...claims, issuedAt: claims.issuedAtS })) {
      this.metrics.authResults.inc({ result: 'revoked' });
      throw new HubbubError('InvalidToken');
    }
    this.metrics.authResults.inc({ result: 'accepted' });
    return this.identityOf(claims);
  }

  override anonymous(): Identity | null {
    const { enabled, permissions } = this.config.auth.anonymous;
    if (!enabled) return null;
    const userId = ANONYMOUS_PREFIX + shortId();
    this.metrics.authResults.inc({ result: 'anonymous' });
    return { userId, username: userId, anonymous: true, permissions: this.permissionSets.of(permissions) };
  }

  private async verified(token: string): Promise<Claims> {
    try {
      return await this.tokens.verify(token);
    } catch (error) {
      this.metrics.authResults.inc({ result: resultOf(error) });
      throw error;
    }
  }

  private identityOf({ userId, username, grants, expiresAtS, issuedAtS, tokenId, sessionId }: Claims): Identity {
    return {
      userId,
      // Usually the same text: one string in memory for each connection, not two.
      username: username === userId ? userId : username,
      anonymous: false,
      permissions: this.permissionSets.of(grants),
      expiresAt: expiresAtS * 1000,
      issuedAt: issuedAtS,
      ...(tokenId === undefined ? {} : { tokenId }),
      ...(sessionId === undefined ? {} : { sessionId }),
    };
  }
}

function resultOf(error: unknown): 'expired' | 'invalid' | 'unavailable' {
  if (!isHubbubError(error) || error.name === 'ServerError') return 'unavailable';
  return error.name === 'TokenExpired' ? 'expired' : 'invalid';
}

/**
 * 12 characters with 66 random bits: it stands twice in every message of an anonymous user. Half of a UUID, as Node draws the bytes
 * of many UUIDs at a time.
 */
function shortId(): string {
  return Buffer.from(randomUUID().replaceAll('-', ''), 'hex').toString('base64url', 0, 9);
}
