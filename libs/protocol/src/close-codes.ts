/** One way a connection ends. `reason` is sent with the close frame and fits its 123 bytes. */
interface CloseRow {
  readonly code: number;
  readonly reason: string;
}

/** Close codes (PROTOCOL §8). The range is the advice: 4000–4499 reconnect, 4500–4999 do not. */
export const CLOSE = {
  Normal: { code: 1000, reason: 'closed as asked' },
  GoingAway: { code: 1001, reason: 'node going away' },
  MessageTooBig: { code: 1009, reason: 'message too big' },
  ServiceRestart: { code: 1012, reason: 'node draining' },
  HeartbeatLost: { code: 4000, reason: 'heartbeat lost' },
  SlowConsumer: { code: 4001, reason: 'slow consumer' },
  RateLimited: { code: 4002, reason: 'over the rate limit too long' },
  NotAuthenticated: { code: 4500, reason: 'not authenticated in time' },
  TokenExpired: { code: 4501, reason: 'token expired' },
  Revoked: { code: 4502, reason: 'revoked or disconnected by an operator' },
  Replaced: { code: 4503, reason: 'replaced by a newer connection' },
  MalformedFrames: { code: 4504, reason: 'too many malformed frames' },
} as const satisfies Record<string, CloseRow>;

export type CloseName = keyof typeof CLOSE;

/** Whether a client whose connection ended with `code` should connect again. */
export function shouldReconnect(code: number): boolean {
  return code !== 1000 && (code < 4500 || code > 4999);
}
