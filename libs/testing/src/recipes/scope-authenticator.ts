import { type Identity, PermissionSet, TokenAuthenticator } from '@hubbub/hubbub';
import { Injectable } from '@nestjs/common';

@Injectable()
export class ScopeAuthenticator extends TokenAuthenticator {
  override async authenticate(token: string): Promise<Identity> {
    const identity = await super.authenticate(token); // signature, times, issuer and audience are right from here on
    const claims = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as { scope?: unknown };
    const scopes = typeof claims.scope === 'string' ? claims.scope.split(' ') : [];
    return { ...identity, permissions: new PermissionSet(scopes) };
  }
}
