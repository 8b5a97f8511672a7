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

  get count(): number {
    return this.taken;
  }

  /** Takes a place, or says why not. */
  enter(address: string, limits: PlaceLimits): PlaceRefusal | null {
    if (this.taken >= limits.maxConnections) return 'node';
    const here = this.byAddress.get(address) ?? 0;
    if (here >= limits.maxConnectionsPerIp) return 'address';
    this.taken++;
    this.byAddress.set(address, here + 1);
    return null;
  }

  /**
   * Whether the place just taken may be kept, now that it is known whose it is.
   * @param userId null if not identified
   */
  claim(userId: string | null, limits: PlaceLimits, now: number): boolean {
    if (userId !== null && this.held.delete(userId)) return true;
    this.expire(now);
    return this.taken + this.held.size <= limits.maxConnections;
  }

  /** @param returning the user who is expected back; null: nobody is */
  leave(address: string, returning: string | null, limits: PlaceLimits, now: number): void {
    if (returning !== null && this.taken >= limits.maxConnections) {
      this.held.delete(returning);
      this.held.set(returning, now + HELD_MS);
    }
    this.taken--;
    const here = (this.byAddress.get(address) ?? 1) - 1;
    if (here === 0) this.byAddress.delete(address);
    else this.byAddress.set(address, here);
  }

  private expire(now: number): void {
    for (const [userId, until] of this.held) {
      if (until > now) return;
      this.held.delete(userId);
    }
  }
}
