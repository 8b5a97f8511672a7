/** What the page reads of a token to know what to offer. Whether the token is good, only the gateway can say. */
export interface Claims {
  /** Null where it is no token that the gateway would take. */
  readonly userId: string | null;
  readonly username: string;
  readonly permissions: readonly string[];
  /** Unix ms. */
  readonly expiresAt: number;
}

const NONE: Claims = { userId: null, username: '', permissions: [], expiresAt: 0 };

export function readClaims(token: string): Claims {
  const claims = payloadOf(token);
  if (claims === null) return NONE;
  const { user_id, sub, username, permissions, exp } = claims;
  const userId = typeof user_id === 'string' ? user_id : typeof sub === 'string' ? sub : null;
  if (userId === null || typeof exp !== 'number') return NONE;
  return {
    userId,
    username: typeof username === 'string' && username !== '' ? username : userId,
    permissions: Array.isArray(permissions) ? permissions.filter((grant) => typeof grant === 'string') : [],
    expiresAt: exp * 1000,
  };
}

function payloadOf(token: string): Record<string, unknown> | null {
  const part = /^[\w-]+\.([\w-]+)\.[\w-]+$/.exec(token)?.[1];
  if (part === undefined) return null;
  try {
    const bytes = Uint8Array.from(atob(part.replace(/-/g, '+').replace(/_/g, '/')), (char) => char.charCodeAt(0));
    const value = JSON.parse(new TextDecoder().decode(bytes)) as unknown;
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}
