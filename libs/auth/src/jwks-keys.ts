import { HubbubError } from '@hubbub/protocol';
import { JwksClient, type SigningKey } from 'jwks-rsa';
import { TokenKey, type TokenKeys } from './token-key.js';

export interface JwksOptions {
  readonly url: string;
  /** How long a set counts as fresh, in ms. @default 600000 */
  readonly maxAgeMs?: number;
  /** Least time between two requests, in ms: also the longest until a new key is found. @default 5000 */
  readonly cooldownMs?: number;
  /** @default Date.now */
  readonly now?: () => number;
  /** Told when the set could not be fetched; known keys go on. */
  readonly onError?: (error: unknown) => void;
}

const FETCH_TIMEOUT_MS = 5000;

/**
 * The keys of a JWKS URL. The whole set is kept, not single keys: a flood of tokens with made-up `kid`s costs one request
 * a cooldown and never delays a token whose key is known. While the URL does not answer, the keys known last stay in use.
 */
export class JwksKeys implements TokenKeys {
  private readonly client: JwksClient;
  private readonly now: () => number;
  private readonly maxAgeMs: number;
  private readonly cooldownMs: number;
  private keys: Map<string, TokenKey> | null = null;
  private fetchedAt = Number.NEGATIVE_INFINITY;
  private triedAt = Number.NEGATIVE_INFINITY;
  private fetching: Promise<void> | null = null;

  constructor(private readonly options: JwksOptions) {
    this.client = new JwksClient({ jwksUri: options.url, cache: false, rateLimit: false, timeout: FETCH_TIMEOUT_MS });
    this.now = options.now ?? Date.now;
    this.maxAgeMs = options.maxAgeMs ?? 600_000;
    this.cooldownMs = options.cooldownMs ?? 5000;
  }

  find(token: string): TokenKey | Promise<TokenKey> {
    const kid = keyIdOf(token);
    const known = this.lookUp(kid);
    if (known === undefined) return this.fetchAndFind(kid);
    // A set that is only old is renewed beside the token, not before it.
    if (this.now() - this.fetchedAt > this.maxAgeMs) void this.refresh();
    return known;
  }

  private async fetchAndFind(kid: string | undefined): Promise<TokenKey> {
    await this.refresh();
    const found = this.lookUp(kid);
    if (found !== undefined) return found;
    if (this.keys === null)
      throw new HubbubError('ServerError', { message: 'The keys of the token issuer are not available.' });
    throw new HubbubError('InvalidToken');
  }

  private lookUp(kid: string | undefined): TokenKey | undefined {
    if (this.keys === null) return undefined;
    if (kid !== undefined) return this.keys.get(kid);
    // A token may leave the key open only where there is no choice.
    return this.keys.size === 1 ? this.keys.values().next().value : undefined;
  }

  /** Fetches the set, unless it was tried within the cooldown. Never throws. */
  private refresh(): Promise<void> {
    if (this.fetching !== null) return this.fetching;
    if (this.now() - this.triedAt < this.cooldownMs) return Promise.resolve();
    this.triedAt = this.now();
    this.fetching = this.fetch().finally(() => {
      this.fetching = null;
    });
    return this.fetching;
  }

  private async fetch(): Promise<void> {
    try {
      const fetched = await this.client.getSigningKeys();
      const keys = new Map<string, TokenKey>();
      for (const [index, key] of fetched.entries()) {
        const usable = toTokenKey(key);
        if (usable !== null) keys.set(key.kid || `unnamed ${index}`, usable);
      }
      this.keys = keys;
      this.fetchedAt = this.now();
    } catch (error) {
      this.options.onError?.(error);
    }
  }
}

/** Null for a key that no token can be verified with: a set may hold keys for other purposes. */
function toTokenKey(key: SigningKey): TokenKey | null {
  try {
    return TokenKey.ofPublicKey(key.getPublicKey(), key.alg || undefined);
  } catch {
    return null;
  }
}

/** `kid` of the header, not verified: it only picks among keys that we trust. */
function keyIdOf(token: string): string | undefined {
  const [head = ''] = token.split('.', 1);
  try {
    const header: unknown = JSON.parse(Buffer.from(head, 'base64url').toString());
    const kid = typeof header === 'object' && header !== null ? (header as { kid?: unknown }).kid : undefined;
    if (kid === undefined || typeof kid === 'string') return kid;
  } catch {
    // Falls through: a header that cannot be read names no key.
  }
  throw new HubbubError('InvalidToken');
}
