/** Whom NATS lets in without a token (docs/services.md). */
const TRUSTED = 'service:nats';

/** The user that a token makes of who has it. @throws Error if it is no token */
export function userOf(token: string): string {
  if (token === '') return TRUSTED;
  try {
    const claims = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as Record<
      string,
      unknown
    >;
    const user = claims['user_id'] ?? claims['sub'];
    if (typeof user === 'string') return user;
  } catch {
    // Said below; not by the parser, which quotes what it reads.
  }
  throw new Error('MODERATOR_TOKEN: expected a token of a user');
}
