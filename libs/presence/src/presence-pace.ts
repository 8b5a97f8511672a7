/**
 * Deliveries of presence that one room may cost a node in a second, on average: about a tenth of a core. Without a bound
 * each of n people who come in would cost up to n.
 */
const DELIVERIES_PER_S = 20_000;

/**
 * When a large room may be told of its members again: it rests the longer, the more connections a push went to. What
 * changes meanwhile is told together. Pure: whoever asks says what time it is, in ms.
 */
export class PresencePace {
  /** Until when rooms rest; of small ones nothing is kept. */
  private readonly resting = new Map<string, number>();

  /** How many rooms are kept in mind. */
  get size(): number {
    return this.resting.size;
  }

  /**
   * A push went out.
   * @param deliveries connections of this node that it went to
   * @param windowMs for how long changes are gathered anyway: who need not rest longer does not rest
   */
  told(roomId: string, deliveries: number, now: number, windowMs: number): void {
    const restMs = (deliveries * 1000) / DELIVERIES_PER_S;
    if (restMs > windowMs) this.resting.set(roomId, now + restMs);
    else this.resting.delete(roomId);
  }

  isResting(roomId: string, now: number): boolean {
    return now < (this.resting.get(roomId) ?? now);
  }

  /** Nobody here is in the room any more. */
  forget(roomId: string): void {
    this.resting.delete(roomId);
  }
}
