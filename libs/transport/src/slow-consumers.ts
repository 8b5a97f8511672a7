/** What a connection's socket holds after a flush, and whether ephemeral frames are left out for it. */
export interface Consumer {
  readonly backlogBytes: number;
  isCongested: boolean;
}

/** A consumer over the limit for this long is cut. */
export const PATIENCE_MS = 1000;
/** A consumer over this many times the limit is cut at once. */
export const AT_ONCE = 4;

/**
 * Who has fallen behind, and for how long (PROTOCOL §7.8). Pure: it says who is to be cut. Only those over the limit are
 * in it, so that it costs nothing while everybody reads.
 */
export class SlowConsumers<C extends Consumer> {
  private readonly overSince = new Map<C, number>();

  /** Takes note of a consumer that is over the limit after a flush, or was. Returns true when it must be cut. */
  measure(consumer: C, backlogBytes: number, limitBytes: number, now: number): boolean {
    if (backlogBytes <= limitBytes) {
      this.forget(consumer);
      return false;
    }
    consumer.isCongested = true;
    const since = this.overSince.get(consumer);
    if (since === undefined) this.overSince.set(consumer, now);
    return backlogBytes > AT_ONCE * limitBytes || (since !== undefined && now - since >= PATIENCE_MS);
  }

  /** Looks at all that are over the limit, as nobody may be sending to them. Returns those that must be cut. */
  check(limitBytes: number, now: number): C[] {
    const cut: C[] = [];
    for (const consumer of this.overSince.keys()) {
      if (this.measure(consumer, consumer.backlogBytes, limitBytes, now)) cut.push(consumer);
    }
    return cut;
  }

  forget(consumer: C): void {
    if (this.overSince.delete(consumer)) consumer.isCongested = false;
  }
}
