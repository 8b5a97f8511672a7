/** Upper bounds of the duration histogram in seconds. */
export const DURATION_BUCKETS_S = [0.0001, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10];

/** Counters of one message type: plain numbers on the hot path, read when metrics are scraped. */
export class CommandStats {
  /** Answered without an error. */
  ok = 0;
  /** Answered with an error, by its code. */
  readonly errors = new Map<number, number>();
  /** Of those that were started, by bucket of `DURATION_BUCKETS_S`; the last is everything above. */
  readonly durations: number[] = new Array<number>(DURATION_BUCKETS_S.length + 1).fill(0);
  durationSumS = 0;

  constructor(readonly type: string) {}

  /** @param code of the error, 0 for none */
  count(code: number): void {
    if (code === 0) this.ok++;
    else this.errors.set(code, (this.errors.get(code) ?? 0) + 1);
  }

  observe(ms: number): void {
    const seconds = ms / 1000;
    this.durationSumS += seconds;
    let bucket = 0;
    while (bucket < DURATION_BUCKETS_S.length && seconds > (DURATION_BUCKETS_S[bucket] as number)) bucket++;
    (this.durations[bucket] as number)++;
  }
}
