import { createHmac } from 'node:crypto';

const base64 = (value) => Buffer.from(value).toString('base64url');

/** A token of any user, signed as a gateway with `secret` signs; good for a day. */
export function signToken(secret, userId, permissions) {
  const now = Math.floor(Date.now() / 1000);
  const claims = { user_id: userId, username: userId, permissions, iss: 'hubbub', iat: now, exp: now + 86_400 };
  const body = `${base64('{"alg":"HS256","typ":"JWT"}')}.${base64(JSON.stringify(claims))}`;
  return `${body}.${createHmac('sha256', secret).update(body).digest('base64url')}`;
}
