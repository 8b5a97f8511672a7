import { createPublicKey, createSecretKey, type KeyObject } from 'node:crypto';
import { LruMap } from '@hubbub/cache';
import { HubbubError } from '@hubbub/protocol';
import { JwtService, type JwtVerifyOptions } from '@nestjs/jwt';

export type Algorithm = NonNullable<JwtVerifyOptions['algorithms']>[number];

const RSA: readonly Algorithm[] = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'];
const PSS: readonly Algorithm[] = ['PS256', 'PS384', 'PS512'];
const BY_CURVE: Readonly<Record<string, readonly Algorithm[]>> = {
  prime256v1: ['ES256'],
  secp384r1: ['ES384'],
  secp521r1: ['ES512'],
};

/** Tokens that are known to be signed. */
const KNOWN_TOKENS = 4096;
/** Longest token that is remembered: all of them together take 8 MB at most. */
const KNOWN_CHARS = 2048;

/** A key and the only algorithms it may be used with: the token's own `alg` is never believed. */
export class TokenKey {
  private readonly jwt: JwtService;
  /**
   * Tokens whose signature held, and it holds for ever: what it signs is read each time. The same ones come again with every
   * HTTP request, and all at once when a node was lost.
   */
  private readonly known = new LruMap<string, true>(() => KNOWN_TOKENS);

  private constructor(key: KeyObject, algorithms: readonly Algorithm[]) {
    this.jwt = new JwtService({
      secret: key,
      // Times are claims like others and read with them, by one clock (claims.ts).
      verifyOptions: { algorithms: [...algorithms], ignoreExpiration: true, ignoreNotBefore: true },
      signOptions: { algorithm: 'HS256' },
    });
  }

  /** The node's own secret. As a KeyObject: a string is tried as a public key at every token, which takes 30 times as long. */
  static ofSecret(secret: string): TokenKey {
    return new TokenKey(createSecretKey(Buffer.from(secret)), ['HS256']);
  }

  /**
   * A public key, in PEM.
   * @param alg the only algorithm allowed; by default all that the kind of key has
   * @throws Error if it is no key, or of a kind without such an algorithm (RSA, P-256, P-384 and P-521 have one)
   */
  static ofPublicKey(pem: string, alg?: string): TokenKey {
    const key = createPublicKey(pem);
    const possible = algorithmsOf(key);
    const algorithms = alg === undefined ? possible : possible.filter((algorithm) => algorithm === alg);
    if (algorithms.length === 0) {
      throw new Error(
        `a key of type ${key.asymmetricKeyType} cannot verify tokens: RSA, P-256, P-384 or P-521 is needed`,
      );
    }
    return new TokenKey(key, algorithms);
  }

  /**
   * The payload of a token whose signature and algorithm are right. None of its claims has been looked at.
   * @throws HubbubError InvalidToken
   */
  verify(token: string): unknown {
    if (this.known.get(token)) return payloadOf(token);
    try {
      const payload: unknown = this.jwt.verify(token);
      // A copy of its own: what was cut out of a header keeps the whole header in memory.
      if (typeof payload === 'object' && token.length <= KNOWN_CHARS)
        this.known.set(Buffer.from(token).toString(), true);
      return payload;
    } catch (error) {
      throw new HubbubError('InvalidToken', { cause: error });
    }
  }

  /** Signs with a secret; a public key cannot. */
  sign(claims: object): string {
    return this.jwt.sign(claims);
  }
}

/** What a token says that is known to be one. */
function payloadOf(token: string): unknown {
  const [, payload = ''] = token.split('.', 2);
  return JSON.parse(Buffer.from(payload, 'base64url').toString());
}

function algorithmsOf(key: KeyObject): readonly Algorithm[] {
  if (key.asymmetricKeyType === 'rsa') return RSA;
  if (key.asymmetricKeyType === 'rsa-pss') return PSS;
  if (key.asymmetricKeyType === 'ec') return BY_CURVE[key.asymmetricKeyDetails?.namedCurve ?? ''] ?? [];
  return [];
}

/** Where the key of a token comes from. */
export interface TokenKeys {
  /**
   * @param token as it came, not verified
   * @throws HubbubError InvalidToken if there is no such key, ServerError if that cannot be known now
   */
  find(token: string): TokenKey | Promise<TokenKey>;
}
