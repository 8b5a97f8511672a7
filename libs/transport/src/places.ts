/** How long a full node keeps the place of a lost connection for its user. */
export const HELD_MS = 5000;

export interface PlaceLimits {
  readonly maxConnections: number;
  readonly maxConnectionsPerIp: number;
}

/** What stands against another connection. */
export type PlaceRefusal = 'node' | 'address';

/**
 * Counts connections against the limits of the node and of one address. While the node is full, the place of a connection
 * that was lost is kept for its user for a moment: those who come back to resume are preferred to new ones. Pure.
 */
export class Places {
  private taken = 0;
  private readonly byAddress = new Map<string, number>();
  /** User → until when a place is held for them; insertion order is order of expiry. */
  private readonly held = new Map<string, number>();

  /** Lets somebody try, whose identity is not known yet; or says why not. Counts at once for the address only. */
  enter(address: string, limits: PlaceLimits): PlaceRefusal | null {
    if (this.taken >= limits.maxConnections) return 'node';
    const here = this.byAddress.get(address) ?? 0;
    if (here >= limits.maxConnectionsPerIp) return 'address';
    this.byAddress.set(address, here + 1);
    return null;
  }

  /**
   * Takes a place on the node, if there is one for this user.
   * @param userId null if there is no user to come back
   */
  claim(userId: string | null, limits: PlaceLimits, now: number): boolean {
    this.expire(now);
    const isExpected = userId !== null && this.held.delete(userId);
    if (!isExpected && this.taken + this.held.size >= limits.maxConnections) return false;
    this.taken++;
    return true;
  }

  /** Gives back what `enter` counted. */
  exit(address: string): void {
    const here = (this.byAddress.get(address) ?? 1) - 1;
    if (here === 0) this.byAddress.delete(address);
    else this.byAddress.set(address, here);
  }

  /** Gives back what `claim` took. @param returning the user who is expected back; null: nobody is */
  release(returning: string | null, limits: PlaceLimits, now: number): void {
    if (returning !== null && this.taken >= limits.maxConnections) {
      this.held.delete(returning);
      this.held.set(returning, now + HELD_MS);
    }
    this.taken--;
  }

  private expire(now: number): void {
    for (const [userId, until] of this.held) {
      if (until > now) return;
      this.held.delete(userId);
    }
  }
}
