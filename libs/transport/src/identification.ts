import { HubbubConfig } from '@hubbub/config';
import { HubbubError, isValid, Timestamp, UserId } from '@hubbub/protocol';
import { Injectable } from '@nestjs/common';
import { Authenticator, type CredentialsRequest, type Identity } from './identity.js';
import { isOriginAllowed } from './upgrade.js';

/** Asks the Authenticator, which may be an application's own: for so long, and for nothing but an identity. */
@Injectable()
export class Identification {
  constructor(
    private readonly authenticator: Authenticator,
    private readonly config: HubbubConfig,
  ) {}

  /**
   * Who sends a request; null: it has no credentials.
   * @param token the one that it brings as PROTOCOL §1 has it
   * @throws HubbubError what the Authenticator throws, Timeout; Forbidden for a page that lets a browser send its cookies here
   */
  async ofRequest(request: CredentialsRequest, token: string | null): Promise<Identity | null> {
    if (token !== null) return this.of(token);
    const credentials = this.authenticator.credentialsOf(request);
    if (credentials === null) return null;
    if (!isOriginAllowed(request.headers, this.config.server)) {
      throw new HubbubError('Forbidden', { message: 'Pages of this origin may not use these credentials.' });
    }
    return this.of(credentials);
  }

  /** @throws as `ofRequest` */
  async of(credentials: string): Promise<Identity> {
    const identity: unknown = await this.inTime(this.authenticator.authenticate(credentials));
    if (!isIdentity(identity)) throw new TypeError('Authenticator.authenticate() has answered no Identity');
    return identity;
  }

  private async inTime<T>(work: Promise<T>): Promise<T> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      // Made only when it is late: the stack of an error costs more than most checks of a token.
      const expire = () => reject(new HubbubError('Timeout', { message: 'It took too long to find out who you are.' }));
      timer = setTimeout(expire, this.config.auth.deadlineMs);
    });
    try {
      return await Promise.race([work, late]);
    } finally {
      clearTimeout(timer);
    }
  }
}

/** What the rest of Hubbub relies on. */
function isIdentity(value: unknown): value is Identity {
  if (typeof value !== 'object' || value === null) return false;
  const { userId, username, permissions, expiresAt } = value as Partial<Identity>;
  // What is no time would never come.
  if (expiresAt !== undefined && !isValid(Timestamp, expiresAt)) return false;
  return isValid(UserId, userId) && isValid(UserId, username) && typeof permissions?.has === 'function';
}
