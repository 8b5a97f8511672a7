import { KeyedWindow } from './keyed-window.js';

const MINUTE_MS = 60_000;
/** Wrong passwords that an account takes in a window. */
const MAX_FAILURES = 10;
const FAILURE_WINDOW_MS = 15 * MINUTE_MS;
/** Addresses, accounts, and pairs of them that are remembered: a few MB at most. */
const MAX_KEYS = 20_000;

/**
 * Limits to guessing passwords: attempts by address, failures by account. In memory, of this node.
 *
 * Who knows a username could lock its owner out by failing ten times. That must not last: the limit of an account ends
 * with its window; it does not touch refresh tokens, so whoever is signed in stays so; and an address from which the
 * account signed in (or refreshed) before is counted by itself, so that others' failures do not reach it.
 */
export class SignInLimits {
  private readonly byAddress: KeyedWindow;
  private readonly failures = new KeyedWindow(() => ({ max: MAX_FAILURES, windowMs: FAILURE_WINDOW_MS }), MAX_KEYS);
  /** Pairs of account and address that succeeded, the latest last. */
  private readonly known = new Set<string>();

  /** @param attemptsPerMinute asked for at every attempt, as it can be reloaded */
  constructor(attemptsPerMinute: () => number) {
    this.byAddress = new KeyedWindow(() => ({ max: attemptsPerMinute(), windowMs: MINUTE_MS }), MAX_KEYS);
  }

  /**
   * Counts a registration or sign-in of an address, whatever comes of it.
   * @param network see `clientNetwork`
   * @returns 0 if it may go on, else the ms until it may
   */
  attempt(network: string, now: number): number {
    return this.byAddress.take(network, now);
  }

  /**
   * Counts a failure before the password is looked at, so that many at once do not pass together; `failureDidNotHappen`
   * or `succeeded` takes it back.
   * @returns 0 if the password may be looked at, else the ms until it may
   */
  expectFailure(accountId: string, network: string, now: number): number {
    return this.failures.take(this.keyOf(accountId, network), now);
  }

  /** The attempt ended without an answer about the password. */
  failureDidNotHappen(accountId: string, network: string): void {
    this.failures.refund(this.keyOf(accountId, network));
  }

  /** The password was right. */
  succeeded(accountId: string, network: string): void {
    this.failureDidNotHappen(accountId, network);
    this.know(accountId, network);
  }

  /** Remembers that the account is used from this address. */
  know(accountId: string, network: string): void {
    const pair = pairOf(accountId, network);
    this.known.delete(pair);
    this.known.add(pair);
    if (this.known.size <= MAX_KEYS) return;
    const oldest = this.known.values().next();
    if (!oldest.done) this.known.delete(oldest.value);
  }

  private keyOf(accountId: string, network: string): string {
    const pair = pairOf(accountId, network);
    return this.known.has(pair) ? pair : accountId;
  }
}

/** Whatever either holds, no two pairs have the same key: what is signed in with is any text. */
function pairOf(accountId: string, network: string): string {
  return JSON.stringify([accountId, network]);
}
