import { type Signal, signal } from '@preact/signals';
import { useEffect, useMemo, useRef } from 'preact/hooks';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { language } from '../../shared/i18n.js';
import { formats } from '../state/console.js';
import type { Formats } from '../state/formats.js';
import {
  type Aligned,
  type ChartSpec,
  type Measure,
  type Summary,
  summaryOf,
  type Unit,
  valuesOf,
} from './measures.js';
import { palette, scheme } from './scheme.js';
import { chartText, measureText, t } from './texts.js';
import { soon } from './turns.js';

const HEIGHT = 108;

/** The place in the grid that the pointer is at, in all charts alike; null away from them. */
const pointed: Signal<number | null> = signal(null);

export function say(unit: Unit, value: number | null, f: Formats): string {
  switch (unit) {
    case 'count':
      return f.count(value);
    case 'rate':
      return f.rate(value);
    case 'millis':
      return f.millis(value);
    case 'bytes':
      return f.bytes(value);
    case 'byteRate':
      return `${f.bytes(value)}/s`;
    case 'percent':
      return f.percent(value);
  }
}

/** Of a measure beside its chart's title; it says where the number is not that of all nodes together. */
export function nameOf({ column, across, unit }: Measure, isAll: boolean): string {
  const name = measureText(column);
  if (!isAll) return name;
  if (across === 'worst') return t('worst', { name });
  return column === 'users' && unit === 'count' ? t('summed', { name }) : name;
}

/** What the chart shows, for those who do not see it. */
function inWords({ now, peak, peakAt, total }: Summary, { unit }: Measure, name: string, isTotal: boolean): string {
  const f = formats.value;
  if (peak === null || peakAt === null) return t('summaryNone', { name });
  const vars = { name, peak: say(unit, peak, f), time: f.minute(peakAt) };
  return isTotal
    ? t('summaryTotal', { ...vars, total: say(unit, total, f) })
    : t('summary', { ...vars, now: say(unit, now, f) });
}

/** One chart of the last hour: its figures as text, its shape as a picture. */
export function Chart({ spec, aligned, isAll }: { spec: ChartSpec; aligned: Aligned; isAll: boolean }) {
  const f = formats.value;
  const [values, summaries] = useMemo(() => {
    const all = spec.measures.map((measure) => valuesOf(measure, aligned));
    return [all, all.map((of) => summaryOf(of, aligned.grid))];
  }, [spec, aligned]);
  const isTotal = spec.bars === true;
  const words = spec.measures.map((measure, index) =>
    inWords(summaries[index] as Summary, measure, nameOf(measure, isAll), isTotal),
  );
  const highest = summaries.reduce((most, one) => ((one.peak ?? 0) > (most.peak ?? 0) ? one : most));
  const { unit } = spec.measures[0];
  return (
    <figure class={isTotal && highest.total > 0 ? 'chart alarming' : 'chart'}>
      <figcaption>
        <h2>{chartText(spec.id)}</h2>
        <span class="chart-peak soft number">
          {highest.peak !== null && highest.peak > 0 && highest.peakAt !== null
            ? t('peak', { value: say(unit, highest.peak, f), time: f.minute(highest.peakAt) })
            : ''}
        </span>
        <Readings spec={spec} values={values} summaries={summaries} isAll={isAll} />
      </figcaption>
      <Plot spec={spec} values={values} grid={aligned.grid} label={`${chartText(spec.id)}. ${words.join('. ')}`} />
    </figure>
  );
}

interface ReadingsProps {
  readonly spec: ChartSpec;
  readonly values: readonly (readonly (number | null)[])[];
  readonly summaries: readonly Summary[];
  readonly isAll: boolean;
}

/** The last figures, or those that the pointer is at. */
function Readings({ spec, values, summaries, isAll }: ReadingsProps) {
  const f = formats.value;
  const at = pointed.value;
  return (
    <ul class="readings">
      {spec.measures.map((measure, index) => {
        const { now, total } = summaries[index] as Summary;
        const value = say(measure.unit, at === null ? now : (values[index]?.[at] ?? null), f);
        return (
          <li key={measure.column} title={nameOf(measure, isAll)}>
            <span class={`swatch series-${index}`} aria-hidden="true" />
            <strong class="number">{spec.bars && at === null ? t('inHour', { total }) : value}</strong>
            {!spec.bars && <span class="soft">{measureText(measure.column)}</span>}
          </li>
        );
      })}
    </ul>
  );
}

interface PlotProps {
  readonly spec: ChartSpec;
  readonly values: readonly (readonly (number | null)[])[];
  readonly grid: readonly number[];
  readonly label: string;
}

function Plot({ spec, values, grid, label }: PlotProps) {
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const data = useRef<uPlot.AlignedData>([[]]);
  const look = `${scheme.value} ${language.value}`;
  data.current = [grid, ...values] as unknown as uPlot.AlignedData;
  useEffect(() => {
    const element = place.current;
    if (element === null) return;
    const observer = new ResizeObserver(([entry]) => {
      const width = Math.floor(entry?.contentRect.width ?? 0);
      if (width > 0)
        soon(() => (plot.current === null ? make(width) : plot.current.setSize({ width, height: HEIGHT })));
    });
    const make = (width: number) => {
      if (element.isConnected) plot.current = new uPlot(optionsOf(spec, width), data.current, element);
    };
    // Tells the width once at its beginning, without a layout for each chart.
    observer.observe(element);
    return () => {
      observer.disconnect();
      plot.current?.destroy();
      plot.current = null;
    };
  }, [spec, look]);
  useEffect(() => soon(() => plot.current?.setData(data.current)), [values, grid]);
  return <div ref={place} class="plot" role="img" aria-label={label} />;
}

function optionsOf({ measures, bars, id }: ChartSpec, width: number): uPlot.Options {
  const f = formats.peek();
  const { unit } = measures[0];
  const { series: colours, text, line } = palette.peek();
  const axis = { stroke: text, font: '11px system-ui, sans-serif', ticks: { show: false } };
  return {
    width,
    height: HEIGHT,
    ms: 1,
    legend: { show: false },
    padding: [6, 16, 0, 0],
    cursor: {
      y: false,
      drag: { x: false, y: false, setScale: false },
      sync: { key: 'console' },
      points: { size: 6 },
    },
    scales: { y: { range: (_, __, max) => [0, ceilingOf(max, unit)] } },
    axes: [
      {
        ...axis,
        size: 22,
        gap: 6,
        space: 60,
        grid: { show: false },
        values: (_, times) => times.map((at) => f.minute(at)),
      },
      {
        ...axis,
        size: 50,
        gap: 4,
        grid: { stroke: line, width: 1 },
        splits: (_, __, min, max) => (bars && max < 2 ? [min, max] : [min, (min + max) / 2, max]),
        values: (_, splits) => splits.map((value) => axisText(unit, value, f)),
      },
    ],
    series: [
      {},
      ...measures.map((_, index): uPlot.Series => {
        const stroke = colours[index] as string;
        const isFilled = index === 0 && id !== 'memory';
        return {
          stroke,
          width: 1.5,
          points: { show: false },
          ...(isFilled && { fill: stroke.replace(/^rgb\((.*)\)$/, 'rgba($1, 0.12)') }),
          ...(bars && {
            paths: (uPlot.paths.bars as uPlot.Series.BarsPathBuilderFactory)({ size: [0.9, 6] }),
            fill: stroke,
          }),
        };
      }),
    ],
    hooks: {
      setCursor: [
        ({ cursor }) => {
          pointed.value = cursor.left === undefined || cursor.left < 0 ? null : (cursor.idx ?? null);
        },
      ],
    },
  };
}

/** A round number that everything is below, so that the scale rests while values move. */
function ceilingOf(max: number | null, unit: Unit): number {
  if (max === null || !(max > 0)) return unit === 'percent' ? 0.1 : 1;
  if (unit === 'bytes' || unit === 'byteRate') return 2 ** Math.ceil(Math.log2(max * 1.05));
  const step = 10 ** Math.floor(Math.log10(max));
  const ceiling = [1, 1.5, 2, 3, 4, 5, 6, 8, 10].map((times) => times * step).find((value) => value >= max * 1.02);
  return unit === 'count' ? 2 * Math.ceil((ceiling ?? 20 * step) / 2) : (ceiling ?? 20 * step);
}

function axisText(unit: Unit, value: number, f: Formats): string {
  if (value === 0) return '0';
  return unit === 'count' || unit === 'rate' ? f.short(value) : say(unit === 'byteRate' ? 'bytes' : unit, value, f);
}
