/** Time between two batches. */
export const BATCH_EVERY_MS = 50;
/** Least number of connections in a batch: a small node drains in one. */
const SMALLEST_BATCH = 100;
/** Part of the time given that sending clients away may take; the rest is for closing and flushing. */
const SHARE = 0.5;
/** Reconnections a second that the rest of a cluster is trusted with. */
const RECONNECTS_PER_S = 1000;
/** A moment for clients to see the push, and for commands under way to be answered. */
const LEAST_NOTICE_MS = 100;

/** How connections are sent away: in batches, told to come back spread over some time. */
export interface DrainPlan {
  readonly batchSize: number;
  /** Clients come back at a random moment up to this many milliseconds later. */
  readonly spreadMs: number;
  /** Time between `draining` and the close frame. */
  readonly noticeMs: number;
}

export function planDrain(connections: number, timeoutMs: number): DrainPlan {
  const batches = Math.max(1, Math.floor((timeoutMs * SHARE) / BATCH_EVERY_MS));
  return {
    batchSize: Math.max(SMALLEST_BATCH, Math.ceil(connections / batches)),
    spreadMs: 500 + (connections / RECONNECTS_PER_S) * 1000,
    noticeMs: Math.min(LEAST_NOTICE_MS, timeoutMs * SHARE),
  };
}
