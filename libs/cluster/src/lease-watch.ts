import type { Lease, LeaseTimes } from './lease.js';

interface Seen {
  readonly lease: Lease;
  /** When the look ended that saw this beat first. */
  readonly since: number;
}

/**
 * Who is dead, by what one observer saw: a node whose beat stood still while the observer looked all the time. No clock of
 * another node plays a part, and neither does time in which the observer did not look, as its database was away or it was
 * stopped itself: after such a gap everybody is given the whole time again. Pure: the caller says what time it is.
 */
export class LeaseWatch {
  private seen = new Map<string, Seen>();
  private lastLook = Number.NEGATIVE_INFINITY;

  constructor(private readonly times: Pick<LeaseTimes, 'deadAfterMs' | 'longestGapMs'>) {}

  /**
   * Takes what a look at all leases showed, at some time between its begin and its end, both in ms of a clock that only goes
   * forward.
   * @returns the leases of the dead, at every look until they are removed
   */
  look(leases: readonly Lease[], beganAt: number, endedAt: number = beganAt): Lease[] {
    if (endedAt - this.lastLook > this.times.longestGapMs) this.seen.clear();
    this.lastLook = endedAt;
    this.seen = new Map(leases.map((lease) => [lease.nodeId, this.standing(lease) ?? { lease, since: endedAt }]));
    return [...this.seen.values()]
      .filter(({ since }) => beganAt - since >= this.times.deadAfterMs)
      .map(({ lease }) => lease);
  }

  /** What was seen of this very beat before. */
  private standing({ nodeId, incarnation, beat }: Lease): Seen | undefined {
    const seen = this.seen.get(nodeId);
    return seen?.lease.incarnation === incarnation && seen.lease.beat === beat ? seen : undefined;
  }
}
