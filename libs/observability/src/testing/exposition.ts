/** One metric of a Prometheus text exposition. */
export interface Family {
  readonly type: string;
  readonly help: string;
  readonly samples: { readonly name: string; readonly labels: Record<string, string>; readonly value: number }[];
}

const SAMPLE = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (\S+)$/;
const LABEL = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"(?:,|$)/y;
const TYPES = new Set(['counter', 'gauge', 'histogram', 'summary', 'untyped']);

/**
 * Parses the text format 0.0.4 strictly, as a Prometheus server would.
 * @throws where a line is malformed, a metric or a sample comes twice, a sample is outside its metric, or buckets shrink
 */
export function parseExposition(text: string): Map<string, Family> {
  if (!text.endsWith('\n')) throw new Error('the last line has no end');
  const families = new Map<string, Family>();
  const seen = new Set<string>();
  let current: [name: string, family: Family] | undefined;
  for (const line of text.split('\n')) {
    if (line === '') continue;
    const [, keyword, name = '', rest = ''] = /^# (HELP|TYPE) (\S+) ?(.*)$/.exec(line) ?? [];
    if (keyword === 'HELP') {
      if (families.has(name)) throw new Error(`${name} comes twice`);
      current = [name, { type: 'untyped', help: rest, samples: [] }];
      families.set(name, current[1]);
    } else if (keyword === 'TYPE') {
      if (current?.[0] !== name || !TYPES.has(rest)) throw new Error(`misplaced: ${line}`);
      current = [name, { ...current[1], type: rest }];
      families.set(name, current[1]);
    } else {
      const sample = parseSample(line);
      if (current === undefined || !belongs(sample.name, ...current)) throw new Error(`outside its metric: ${line}`);
      const identity = line.slice(0, line.lastIndexOf(' '));
      if (seen.has(identity)) throw new Error(`comes twice: ${identity}`);
      seen.add(identity);
      current[1].samples.push(sample);
    }
  }
  for (const [name, family] of families) if (family.type === 'histogram') checkBuckets(name, family);
  return families;
}

function belongs(sample: string, name: string, { type }: Family): boolean {
  if (type === 'histogram') return [`${name}_bucket`, `${name}_sum`, `${name}_count`].includes(sample);
  if (type === 'summary') return [name, `${name}_sum`, `${name}_count`].includes(sample);
  return sample === name;
}

function parseSample(line: string): Family['samples'][number] {
  const [, name, labelText = '', number] = SAMPLE.exec(line) ?? [];
  if (name === undefined || number === undefined) throw new Error(`malformed: ${line}`);
  const labels: Record<string, string> = {};
  LABEL.lastIndex = 0;
  let read = 0;
  for (let match = LABEL.exec(labelText); match !== null; match = LABEL.exec(labelText)) {
    labels[match[1] as string] = match[2] as string;
    read = LABEL.lastIndex;
  }
  if (read !== labelText.length) throw new Error(`malformed labels: ${line}`);
  const value = Number(number.replace(/^\+?Inf$/, 'Infinity'));
  if (Number.isNaN(value) && number !== 'NaN' && number !== 'Nan') throw new Error(`no number: ${line}`);
  return { name, labels, value };
}

/** Within one set of labels: ascending bounds, counts that never shrink, the last one equal to `_count`. */
function checkBuckets(name: string, { samples }: Family): void {
  const series = new Map<string, Family['samples']>();
  for (const sample of samples.filter((one) => one.name === `${name}_bucket`)) {
    const { le, ...rest } = sample.labels;
    if (le === undefined) throw new Error(`${name} has a bucket without a bound`);
    const key = JSON.stringify(rest);
    series.set(key, [...(series.get(key) ?? []), sample]);
  }
  for (const [key, buckets] of series) {
    const bounds = buckets.map(({ labels }) => Number(labels.le?.replace('+Inf', 'Infinity')));
    const counts = buckets.map(({ value }) => value);
    const total = samples.find((one) => one.name === `${name}_count` && JSON.stringify(one.labels) === key)?.value;
    const ascending = (values: number[]): boolean =>
      values.every((value, i) => i === 0 || value >= (values[i - 1] ?? 0));
    if (!ascending(bounds) || !ascending(counts) || bounds.at(-1) !== Infinity || counts.at(-1) !== total) {
      throw new Error(`the buckets of ${name}${key} do not add up`);
    }
  }
}
