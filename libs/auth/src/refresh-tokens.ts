import { createHash, randomBytes, randomUUID } from 'node:crypto';
import type { EntityManager } from 'typeorm';
import type { RefreshTokenEntity } from './refresh-token.entity.js';
import { refreshTokenStore as store } from './refresh-token-store.js';

/** Used tokens of a family that are remembered to notice their reuse: a day at the default lifetimes. */
const REMEMBERED_GENERATIONS = 100;
/** Sign-ins of one user that can be refreshed; the oldest ends when another begins. */
const MAX_FAMILIES = 100;
/** How long a refresh may be repeated under its `Idempotency-Key`. */
const RETRY_WINDOW_MS = 60_000;

/** A refresh token as it is given out: nothing can give it a second time. */
export interface IssuedRefreshToken {
  readonly token: string;
  readonly family: string;
  readonly userId: string;
}

/** The end of a family, and until when its access tokens have to be refused. */
export interface EndedFamily {
  readonly family: string;
  readonly userId: string;
  readonly accessExpiresAt: number;
}

export type Rotation =
  | { readonly kind: 'rotated'; readonly issued: IssuedRefreshToken }
  /** A used token came again: somebody else has it. The family is gone; the caller commits that. */
  | { readonly kind: 'reused'; readonly ended: EndedFamily }
  /** Never given out, or ended, or expired. */
  | { readonly kind: 'unknown' };

/** Times of a token that is being made, Unix ms. */
export interface TokenTimes {
  readonly now: number;
  readonly expiresAt: number;
  /** When the access token ends that goes with it. */
  readonly accessExpiresAt: number;
}

/**
 * Refresh tokens: 256 random bits, stored as a hash, each used once. A used one that comes again ends its family, so a
 * stolen token is worth something only until the thief and the owner have both used it.
 *
 * A client whose answer was lost cannot be told from a thief, unless it says so beforehand: a refresh that is repeated
 * with the same `Idempotency-Key` within a minute is a retry. It gets another token, and the one that was lost is withdrawn;
 * should that one be used after all, the family ends. Without a key, a lost answer costs a new sign-in.
 */
export const refreshTokens = {
  /** Begins a family. Runs in the caller's transaction, as everything here. */
  async start(manager: EntityManager, userId: string, times: TokenTimes): Promise<IssuedRefreshToken> {
    await store.lock(manager, userId);
    await store.removeFamilies(manager, await store.surplusFamilies(manager, userId, MAX_FAMILIES - 1));
    return issue(manager, { family: randomUUID(), generation: 0, userId }, times);
  },

  /** @param retryKey the caller's `Idempotency-Key` */
  async rotate(
    manager: EntityManager,
    token: string,
    retryKey: string | undefined,
    times: TokenTimes,
  ): Promise<Rotation> {
    const presented = await store.lockOne(manager, hashOf(token));
    if (presented === null || presented.expiresAt <= times.now) return { kind: 'unknown' };
    const retryKeyHash = retryKey === undefined ? null : hashOf(retryKey);
    let last = presented;
    if (presented.usedAt === null) {
      await store.markUsed(manager, presented.hash, times.now, retryKeyHash);
      await store.forgetUpTo(manager, presented.family, presented.generation - REMEMBERED_GENERATIONS);
    } else {
      const lost = await lostSuccessor(manager, presented, retryKeyHash, times.now);
      if (lost === null) return { kind: 'reused', ended: await end(manager, presented) };
      await store.withdraw(manager, lost.hash, times.now);
      last = lost;
    }
    const accessExpiresAt = Math.max(last.accessExpiresAt, times.accessExpiresAt);
    const place = { family: last.family, generation: last.generation + 1, userId: last.userId };
    return { kind: 'rotated', issued: await issue(manager, place, { ...times, accessExpiresAt }) };
  },

  /** Ends the family of a token, used or not. @returns null if there is none */
  async end(manager: EntityManager, token: string): Promise<EndedFamily | null> {
    const presented = await store.lockOne(manager, hashOf(token));
    return presented === null ? null : end(manager, presented);
  },

  /** Ends all families of a user. */
  async endAll(manager: EntityManager, userId: string): Promise<void> {
    await store.lock(manager, userId);
    await store.removeOfUser(manager, userId);
  },
};

/** The token that a retry replaces: the only one in use, all between having been withdrawn; null if this is no retry. */
async function lostSuccessor(
  manager: EntityManager,
  presented: RefreshTokenEntity,
  retryKeyHash: string | null,
  now: number,
): Promise<RefreshTokenEntity | null> {
  const { usedAt, withdrawn, family, generation } = presented;
  if (retryKeyHash === null || retryKeyHash !== presented.retryKeyHash || withdrawn) return null;
  if (usedAt === null || now - usedAt > RETRY_WINDOW_MS) return null;
  const successors = await store.successors(manager, family, generation);
  const last = successors.pop();
  const neverUsed = last !== undefined && last.usedAt === null && successors.every((between) => between.withdrawn);
  return neverUsed ? last : null;
}

async function end(manager: EntityManager, token: RefreshTokenEntity): Promise<EndedFamily> {
  const later = await store.successors(manager, token.family, token.generation);
  await store.removeFamilies(manager, [token.family]);
  const accessExpiresAt = Math.max(token.accessExpiresAt, ...later.map((one) => one.accessExpiresAt));
  return { family: token.family, userId: token.userId, accessExpiresAt };
}

async function issue(
  manager: EntityManager,
  place: Pick<RefreshTokenEntity, 'family' | 'generation' | 'userId'>,
  { now, expiresAt, accessExpiresAt }: TokenTimes,
): Promise<IssuedRefreshToken> {
  const token = randomBytes(32).toString('base64url');
  await store.insert(manager, {
    ...place,
    hash: hashOf(token),
    issuedAt: now,
    expiresAt,
    accessExpiresAt,
    usedAt: null,
    withdrawn: false,
    retryKeyHash: null,
  });
  return { token, family: place.family, userId: place.userId };
}

/** Fast and unsalted is right here: nobody guesses 256 random bits. */
function hashOf(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}
