/**
 * Metrics as plain numbers. prom-client's own hash their labels at every `inc`, which a delivery or a command cannot
 * afford; these are read when somebody scrapes.
 */

/** The labels of one sample. Values come from closed sets: never an id, never what a client wrote. */
export type Labels = Readonly<Record<string, string | number>>;

/** One line of the exposition. */
export interface Sample {
  readonly labels: Labels;
  readonly value: number;
  /** Where it is not the name of the metric: `…_bucket`, `…_sum`, `…_count`. */
  readonly metricName?: string;
}

/** What a registry of prom-client reads. */
export abstract class PlainMetric {
  abstract readonly type: 'counter' | 'gauge' | 'histogram';
  /** What makes one figure of those of several workers. */
  readonly aggregator: 'sum' | 'max' = 'sum';

  constructor(
    readonly name: string,
    readonly help: string,
    readonly labelNames: readonly string[] = [],
  ) {}

  abstract samples(): Sample[];

  /** The form that prom-client's registry asks for. */
  get(): { name: string; help: string; type: string; values: Sample[]; aggregator: string } {
    const { name, help, type, aggregator } = this;
    return { name, help, type, values: this.samples(), aggregator };
  }
}

/** A number that only grows. */
export class Count {
  value = 0;

  inc(by = 1): void {
    this.value += by;
  }
}

/** A counter without labels. */
export class Counter extends PlainMetric {
  readonly type = 'counter';
  value = 0;

  inc(by = 1): void {
    this.value += by;
  }

  samples(): Sample[] {
    return [{ labels: {}, value: this.value }];
  }
}

/** A number that comes and goes. */
export class Gauge extends PlainMetric {
  readonly type = 'gauge';
  private readonly sources = new Set<() => number>();
  private value = 0;

  /** @param aggregator `max` where each worker says the same of all */
  constructor(
    name: string,
    help: string,
    override readonly aggregator: 'sum' | 'max' = 'sum',
  ) {
    super(name, help);
  }

  inc(by = 1): void {
    this.value += by;
  }

  dec(by = 1): void {
    this.value -= by;
  }

  set(value: number): void {
    this.value = value;
  }

  /**
   * Adds what `read` says at each scrape, so that who knows the number anyway need not report every change.
   * @returns stops asking
   */
  collect(read: () => number): () => void {
    this.sources.add(read);
    return () => this.sources.delete(read);
  }

  /** What a scrape would be told now. */
  get current(): number {
    let value = this.value;
    for (const read of this.sources) value += read();
    return value;
  }

  samples(): Sample[] {
    return [{ labels: {}, value: this.current }];
  }
}

/** More label values than this are a programming error; the rest are counted together instead of filling memory. */
const MAX_SERIES = 1000;
const OTHER = 'other';

/** The children of a metric by their label values. */
class Series<Child> {
  private readonly root = new Map<string | number, unknown>();
  private readonly all: { labels: Labels; child: Child }[] = [];

  constructor(
    private readonly labelNames: readonly string[],
    private readonly make: () => Child,
  ) {}

  of(labels: Labels): Child {
    let level = this.root;
    const last = this.labelNames.length - 1;
    for (let i = 0; i < last; i++) {
      const value = labels[this.labelNames[i] as string] ?? '';
      let next = level.get(value) as Map<string | number, unknown> | undefined;
      if (next === undefined) {
        if (this.all.length >= MAX_SERIES) return this.other();
        next = new Map();
        level.set(value, next);
      }
      level = next;
    }
    const value = labels[this.labelNames[last] as string] ?? '';
    const child = level.get(value) as Child | undefined;
    if (child !== undefined) return child;
    if (this.all.length >= MAX_SERIES) return this.other();
    const made = this.make();
    level.set(value, made);
    this.all.push({
      labels: Object.fromEntries(this.labelNames.map((name) => [name, labels[name] ?? ''])),
      child: made,
    });
    return made;
  }

  entries(): readonly { labels: Labels; child: Child }[] {
    return this.all;
  }

  private overflow: Child | undefined;

  private other(): Child {
    if (this.overflow === undefined) {
      this.overflow = this.make();
      const labels = Object.fromEntries(this.labelNames.map((name) => [name, OTHER]));
      this.all.push({ labels, child: this.overflow });
    }
    return this.overflow;
  }
}

/** A counter with labels. Where it is hot, keep what `of` returns. */
export class LabelledCounter<L extends Labels> extends PlainMetric {
  readonly type = 'counter';
  private readonly series = new Series(this.labelNames, () => new Count());

  inc(labels: L, by = 1): void {
    this.series.of(labels).inc(by);
  }

  of(labels: L): Count {
    return this.series.of(labels);
  }

  /** Of all series, or of those whose labels `counts` says yes to. */
  total(counts: (labels: L) => boolean = () => true): number {
    let total = 0;
    for (const { labels, child } of this.series.entries()) if (counts(labels as L)) total += child.value;
    return total;
  }

  samples(): Sample[] {
    return this.series.entries().map(({ labels, child }) => ({ labels, value: child.value }));
  }
}

/** How often a quantity fell under each bound, their sum and their number. */
export class Distribution {
  private readonly counts: number[];
  private sum = 0;
  private count = 0;

  /** @param bounds ascending */
  constructor(private readonly bounds: readonly number[]) {
    this.counts = bounds.map(() => 0);
  }

  observe(value: number): void {
    this.sum += value;
    this.count++;
    const index = this.bounds.findIndex((bound) => value <= bound);
    if (index >= 0) this.counts[index] = (this.counts[index] ?? 0) + 1;
  }

  /** Adds how often each bucket was met, for itself, to `into`: of the length of the bounds and one, for what is above all. */
  addTo(into: Float64Array): void {
    let above = this.count;
    for (let i = 0; i < this.bounds.length; i++) {
      const met = this.counts[i] ?? 0;
      into[i] = (into[i] ?? 0) + met;
      above -= met;
    }
    into[this.bounds.length] = (into[this.bounds.length] ?? 0) + above;
  }

  samples(name: string, labels: Labels): Sample[] {
    let below = 0;
    const buckets = this.bounds.map((bound, i) => {
      below += this.counts[i] ?? 0;
      return { labels: { ...labels, le: bound }, value: below, metricName: `${name}_bucket` };
    });
    return [
      ...buckets,
      { labels: { ...labels, le: '+Inf' }, value: this.count, metricName: `${name}_bucket` },
      { labels, value: this.sum, metricName: `${name}_sum` },
      { labels, value: this.count, metricName: `${name}_count` },
    ];
  }
}

/** A histogram without labels. */
export class Histogram extends PlainMetric {
  readonly type = 'histogram';
  private readonly distribution: Distribution;

  constructor(
    name: string,
    help: string,
    readonly bounds: readonly number[],
  ) {
    super(name, help);
    this.distribution = new Distribution(bounds);
  }

  observe(value: number): void {
    this.distribution.observe(value);
  }

  /** As `Distribution.addTo`. */
  addTo(into: Float64Array): void {
    this.distribution.addTo(into);
  }

  samples(): Sample[] {
    return this.distribution.samples(this.name, {});
  }
}

/** A histogram with labels. Where it is hot, keep what `of` returns. */
export class LabelledHistogram<L extends Labels> extends PlainMetric {
  readonly type = 'histogram';
  private readonly series: Series<Distribution>;

  constructor(
    name: string,
    help: string,
    labelNames: readonly string[],
    readonly bounds: readonly number[],
  ) {
    super(name, help, labelNames);
    this.series = new Series(labelNames, () => new Distribution(bounds));
  }

  observe(labels: L, value: number): void {
    this.series.of(labels).observe(value);
  }

  of(labels: L): Distribution {
    return this.series.of(labels);
  }

  /** As `Distribution.addTo`, of all series together. */
  addTo(into: Float64Array): void {
    for (const { child } of this.series.entries()) child.addTo(into);
  }

  samples(): Sample[] {
    return this.series.entries().flatMap(({ labels, child }) => child.samples(this.name, labels));
  }
}
