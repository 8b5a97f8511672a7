import { HubbubError, isValid, UserId } from '@hubbub/protocol';

/** User ids of this form are given to anonymous connections; a token that names one would take over another's identity. */
export const ANONYMOUS_PREFIX = 'anon:';

/** The claims of a token that is to be accepted (PROTOCOL §6). Times are Unix seconds. */
export interface Claims {
  readonly userId: string;
  readonly username: string;
  /** Everything the token grants, by itself and by its roles. */
  readonly grants: readonly string[];
  readonly expiresAtS: number;
  /** 0 where the token does not say: any revocation of its user then counts as later. */
  readonly issuedAtS: number;
  readonly tokenId?: string;
  /** The refresh family that the token came from; only our own tokens have one. */
  readonly sessionId?: string;
}

export interface ClaimRules {
  readonly nowS: number;
  /** What `iss` must be; undefined or empty = not looked at. */
  readonly issuer?: string | undefined;
  /** What `aud` must be or contain; undefined or empty = not looked at. */
  readonly audience?: string | undefined;
  /** Grants by role. */
  readonly roles: Readonly<Record<string, readonly string[]>>;
}

/** Later than any date has; in milliseconds it would be no number that JSON can say. */
const MAX_TIME_S = 8_640_000_000_000;

/** Longest `jti` and `sid`: they are kept for as long as the connection. */
const MAX_ID_LENGTH = 256;

/**
 * Reads the payload of a token whose signature holds.
 * @throws HubbubError TokenExpired; InvalidToken for everything else that is missing, malformed or not meant for us
 */
export function readClaims(payload: unknown, rules: ClaimRules): Claims {
  if (typeof payload !== 'object' || payload === null) throw invalid();
  const claims = payload as Record<string, unknown>;
  checkAddressee(claims, rules);
  const userId = claims['user_id'] ?? claims['sub'];
  if (!isValid(UserId, userId) || userId.startsWith(ANONYMOUS_PREFIX)) throw invalid();
  // Tokens of other issuers often carry no username.
  const username = claims['username'] ?? userId;
  if (!isValid(UserId, username)) throw invalid();
  const tokenId = optionalId(claims['jti']);
  const sessionId = optionalId(claims['sid']);
  const issuedAtS = optionalTime(claims['iat']) ?? 0;
  const expiresAtS = optionalTime(claims['exp']);
  if (expiresAtS === undefined || (optionalTime(claims['nbf']) ?? 0) > rules.nowS) throw invalid();
  if (expiresAtS <= rules.nowS) throw new HubbubError('TokenExpired');
  return {
    userId,
    username,
    grants: [...strings(claims['permissions']), ...strings(claims['roles']).flatMap((role) => grantsOf(role, rules))],
    expiresAtS,
    issuedAtS,
    ...(tokenId === undefined ? {} : { tokenId }),
    ...(sessionId === undefined ? {} : { sessionId }),
  };
}

function checkAddressee({ iss, aud }: Record<string, unknown>, { issuer, audience }: ClaimRules): void {
  if (issuer && iss !== issuer) throw invalid();
  if (audience && aud !== audience && !(Array.isArray(aud) && aud.includes(audience))) throw invalid();
}

function grantsOf(role: string, { roles }: ClaimRules): readonly string[] {
  // A role named `constructor` must not find what every object has.
  return Object.hasOwn(roles, role) ? (roles[role] ?? []) : [];
}

/** Anything but an array of strings grants nothing. */
function strings(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
}

function optionalTime(value: unknown): number | undefined {
  if (value === undefined) return undefined;
  if (typeof value !== 'number' || !(value >= 0 && value <= MAX_TIME_S)) throw invalid();
  return value;
}

function optionalId(value: unknown): string | undefined {
  if (value === undefined) return undefined;
  // Half a surrogate pair is kept by no database, so such an id could be revoked only until the next restart.
  const fits = typeof value === 'string' && value.length > 0 && value.length <= MAX_ID_LENGTH && value.isWellFormed();
  if (!fits) throw invalid();
  return value;
}

/** One sentence for all causes: which check failed helps only who forges tokens. */
function invalid(): HubbubError {
  return new HubbubError('InvalidToken');
}
