/** Fields that are never written, whoever logs them by mistake: credentials, and what people say to each other. */
const SECRET_FIELDS = [
  'authorization',
  'cookie',
  'password',
  'secret',
  'token',
  'accessToken',
  'access_token',
  'refreshToken',
  'refresh_token',
  'content',
  'contentJson',
  // Of a failed statement: the columns of a message or an account.
  'parameters',
];

/** They are looked for at the top and up to three levels down, as in `request.headers.authorization`. */
export const REDACTED: string[] = SECRET_FIELDS.flatMap((name) => [name, `*.${name}`, `*.*.${name}`, `*.*.*.${name}`]);
