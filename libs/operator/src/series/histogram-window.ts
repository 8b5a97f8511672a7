import { quantile } from './quantile.js';

/** What a histogram of the metrics shows of itself. */
interface Counted {
  readonly bounds: readonly number[];
  addTo(into: Float64Array): void;
}

/** What a histogram has counted between two looks at it. Allocates nothing while it looks. */
export class HistogramWindow {
  private before: Float64Array;
  private now: Float64Array;
  private readonly met: Float64Array;

  constructor(private readonly histogram: Counted) {
    const buckets = histogram.bounds.length + 1;
    this.before = new Float64Array(buckets);
    this.now = new Float64Array(buckets);
    this.met = new Float64Array(buckets);
  }

  /** Takes what has been counted since the last look for what quantiles are of. */
  look(): void {
    [this.before, this.now] = [this.now, this.before];
    this.now.fill(0);
    this.histogram.addTo(this.now);
    for (let i = 0; i < this.met.length; i++) this.met[i] = (this.now[i] ?? 0) - (this.before[i] ?? 0);
  }

  /** In the unit of the histogram; NaN where nothing was counted. */
  quantile(q: number): number {
    return quantile(q, this.histogram.bounds, this.met);
  }
}
