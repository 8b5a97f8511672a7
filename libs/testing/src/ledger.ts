/** What one connection got of a room from its join on, number by number: every message once, and in order? Pure. */
export class Ledger {
  /** Came more than once. */
  readonly repeated: number[] = [];
  /** Came after a higher one. */
  readonly reordered: number[] = [];
  private readonly skipped = new Set<number>();

  /** @param last the head at the join: what is above it is owed */
  constructor(public last: number) {}

  see(seq: number): void {
    if (seq > this.last) {
      for (let at = this.last + 1; at < seq; at++) this.skipped.add(at);
      this.last = seq;
    } else if (this.skipped.delete(seq)) {
      this.reordered.push(seq);
    } else {
      this.repeated.push(seq);
    }
  }

  /** @param head the last that is owed */
  missing(head: number): number[] {
    const tail = Array.from({ length: Math.max(0, head - this.last) }, (_, at) => this.last + 1 + at);
    return [...this.skipped, ...tail];
  }
}

/** Numbers in ascending order as people write them: `4, 7–9`. */
export function ranges(numbers: readonly number[]): string {
  const runs: [number, number][] = [];
  for (const number of numbers) {
    const last = runs.at(-1);
    if (last?.[1] === number - 1) last[1] = number;
    else runs.push([number, number]);
  }
  return runs.map(([from, to]) => (from === to ? `${from}` : `${from}–${to}`)).join(', ');
}
