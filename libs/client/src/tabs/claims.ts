/** What a token says of whose connection it opens. Nobody has verified it here: that is the gateway's part. */
export interface Claims {
  readonly userId: string;
  /** As text, to be compared: who may do other things has another connection. */
  readonly grants: string;
  /** Unix ms. */
  readonly expiresAt: number;
}

/** The token among the subprotocols that a client offers. */
export function tokenOf(protocols: readonly string[]): string | undefined {
  return protocols.find((protocol) => protocol.startsWith('bearer.'))?.slice('bearer.'.length);
}

/** Null where nothing can be told: no JWT, or without a user. */
export function claimsOf(token: string): Claims | null {
  try {
    const payload = JSON.parse(decode(token.split('.')[1] ?? '')) as Record<string, unknown>;
    const userId = payload['user_id'] ?? payload['sub'];
    const { permissions, roles, exp } = payload;
    if (typeof userId !== 'string' || typeof exp !== 'number') return null;
    return { userId, grants: JSON.stringify([permissions, roles]), expiresAt: exp * 1000 };
  } catch {
    return null;
  }
}

/** Connections with the same key are one. Null: this one cannot be shared. */
export function keyOf(url: string, protocols: readonly string[]): string | null {
  const token = tokenOf(protocols);
  const claims = token === undefined ? null : claimsOf(token);
  return claims && JSON.stringify([url, claims.userId, claims.grants]);
}

function decode(base64url: string): string {
  const binary = atob(base64url.replaceAll('-', '+').replaceAll('_', '/'));
  return new TextDecoder().decode(Uint8Array.from(binary, (character) => character.charCodeAt(0)));
}
