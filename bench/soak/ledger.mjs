/**
 * What one member has of one room, and whether it is right: every message after the join, once, in order.
 * Fed with every message in the order in which its connection saw it: pushes, own replies, recovered history.
 */
export class Ledger {
  lost = 0;
  repeated = 0;
  reordered = 0;
  /** Messages it has, however they came. */
  received = 0;
  /** Highest seq up to which it has everything: `since` of the next join. Undefined before the first join. */
  seq = undefined;
  epoch = undefined;
  /** Seqs that were skipped and may still come, which is out of order. */
  missing = new Set();

  /** The first join: what lies before it is not owed. */
  start(epoch, seq) {
    this.epoch = epoch;
    this.seq = seq;
  }

  see(seq) {
    if (seq === this.seq + 1) {
      this.seq = seq;
      this.received++;
    } else if (seq > this.seq) {
      for (let skipped = this.seq + 1; skipped < seq; skipped++) this.missing.add(skipped);
      this.seq = seq;
      this.received++;
    } else if (this.missing.delete(seq)) {
      this.reordered++;
      this.received++;
    } else {
      this.repeated++;
    }
  }

  /** @param head the last seq of the room */
  finish(head) {
    this.lost = this.missing.size + Math.max(0, head - this.seq);
  }
}
