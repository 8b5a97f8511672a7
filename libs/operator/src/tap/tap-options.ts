/** One tap, as it is announced to all nodes. */
export interface TapSpec {
  readonly id: string;
  /** Where its items go. */
  readonly nodeId: string;
  /** One of them. */
  readonly roomId?: string;
  readonly userId?: string;
  /** Part of what is seen that is shown: above 0, up to 1. */
  readonly sample: number;
  /** Whether what is said is shown as well. */
  readonly content: boolean;
}

/** Items a second of one tap: of each node, and of all together. */
export const ITEMS_PER_S = 50;
/** A node watches for so long after the last announcement: the tapping node may have died, or its word that it is over been lost. */
export const LEASE_MS = 15_000;
