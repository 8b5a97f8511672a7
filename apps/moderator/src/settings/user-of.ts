/** Whom NATS lets in without a token (docs/services.md). */
const TRUSTED = 'service:nats';

/** The user that a token makes of who has it; undefined for what is no token. Whether it is good is for the gateways to say. */
export function userOf(token: string): string | undefined {
  if (token === '') return TRUSTED;
  try {
    const claims = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as Record<
      string,
      unknown
    >;
    const user = claims['user_id'] ?? claims['sub'];
    return typeof user === 'string' ? user : undefined;
  } catch {
    return undefined;
  }
}
