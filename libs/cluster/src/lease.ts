/** What a node says of itself in the database as long as it lives. */
export interface Lease {
  readonly nodeId: string;
  /** Made anew whenever the node takes its lease: a node that was taken for dead comes back as another one. */
  readonly incarnation: string;
  /** Raised again and again. That it stands still is how a dead node is known. */
  readonly beat: number;
}

/** What follows from `cluster.node_timeout_ms`, in milliseconds. */
export interface LeaseTimes {
  /** Between two beats, and between two looks at those of the others. */
  readonly beatMs: number;
  /** A look that comes later than this after the one before says nothing about the time between. */
  readonly longestGapMs: number;
  /** For so long after its last beat a node is sure that nobody can have taken it for dead. */
  readonly certainMs: number;
  /** A node whose beat stood still for so long is dead. What is left of the timeout is for telling its members' leaves. */
  readonly deadAfterMs: number;
}

export function leaseTimes(nodeTimeoutMs: number): LeaseTimes {
  return {
    beatMs: nodeTimeoutMs * 0.1,
    longestGapMs: nodeTimeoutMs * 0.3,
    certainMs: nodeTimeoutMs * 0.6,
    deadAfterMs: nodeTimeoutMs * 0.7,
  };
}
