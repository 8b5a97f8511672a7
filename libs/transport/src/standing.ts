/**
 * Port: whether this node may serve in its own name. Other nodes take one for dead that was stopped for a while: when it wakes,
 * it has to find that out before it goes on. Implemented by cluster; without it a node always may.
 */
export abstract class Standing {
  /** Until when commands may start without asking, by `performance.now()`. */
  abstract readonly servesUntil: number;

  /** Resolves once commands may start: it is known again, or cannot be found out now. Never rejects. */
  abstract confirm(): Promise<void>;
}
