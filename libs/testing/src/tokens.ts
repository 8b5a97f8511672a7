import { createHmac } from 'node:crypto';

/** What a gateway of tests signs with, unless its configuration says otherwise. */
export const SECRET = '4711 hubbub tests sign with these words 0815';

/** What `auth.default_permissions` gives, without having to register. */
export const ORDINARY = ['read:message', 'send:message', 'create:room', 'delete:room', 'join:room', 'leave:room'];

export interface TestUser {
  /** @default those of `auth.default_permissions` */
  readonly permissions?: readonly string[];
  /** @default the user id */
  readonly username?: string;
  /** Any further claims; they win over the others. */
  readonly claims?: Record<string, unknown>;
}

/** Signs any claims with the secret of the tests: also those that the gateway would never sign itself. */
export function signJwt(
  claims: Record<string, unknown>,
  secret = SECRET,
  header: object = { alg: 'HS256', typ: 'JWT' },
): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const body = `${part(header)}.${part(claims)}`;
  return `${body}.${createHmac('sha256', secret).update(body).digest('base64url')}`;
}
