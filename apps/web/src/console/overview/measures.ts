import type { Series } from './series.js';
import { gridOf, type NodeSeries, type Row, rowsAt } from './series.js';

/** How one number comes of those of several nodes. Percentiles cannot be added: of them the worst is told, or the mean by weight. */
type Across = 'sum' | 'worst' | { readonly weightedBy: string };
export type Unit = 'count' | 'rate' | 'millis' | 'bytes' | 'byteRate' | 'percent';

export interface Measure {
  /** Key of its name in the texts, and its place in answers. */
  readonly column: string;
  readonly unit: Unit;
  readonly across: Across;
}

const measure = (column: string, unit: Unit, across: Across = 'sum'): Measure => ({ column, unit, across });

/** A chart has measures of one unit. `bars` count what should not happen: each is an event rather than a level. */
export interface ChartSpec {
  readonly id: string;
  readonly measures: readonly [Measure, ...Measure[]];
  readonly bars?: boolean;
}

export const CHARTS: readonly ChartSpec[] = [
  { id: 'connections', measures: [measure('connections', 'count'), measure('users', 'count')] },
  { id: 'deliveries', measures: [measure('deliveries', 'rate')] },
  { id: 'commands', measures: [measure('commands', 'rate'), measure('command_errors', 'rate')] },
  {
    id: 'command_latency',
    measures: [
      measure('command_p50_ms', 'millis', { weightedBy: 'commands' }),
      measure('command_p99_ms', 'millis', 'worst'),
    ],
  },
  { id: 'appended', measures: [measure('appended', 'rate')] },
  {
    id: 'append_latency',
    measures: [
      measure('append_p50_ms', 'millis', { weightedBy: 'appended' }),
      measure('append_p99_ms', 'millis', 'worst'),
    ],
  },
  { id: 'slow_consumers', measures: [measure('slow_consumers', 'count')], bars: true },
  { id: 'dropped', measures: [measure('dropped', 'count')], bars: true },
  { id: 'repairs', measures: [measure('repairs', 'count')], bars: true },
  { id: 'rate_limited', measures: [measure('rate_limited', 'count')], bars: true },
  { id: 'cpu', measures: [measure('cpu', 'percent', 'worst')] },
  { id: 'loop', measures: [measure('loop_p99_ms', 'millis', 'worst')] },
  { id: 'memory', measures: [measure('rss_bytes', 'bytes'), measure('heap_bytes', 'bytes')] },
  { id: 'network', measures: [measure('bytes_out', 'byteRate'), measure('bytes_in', 'byteRate')] },
];

/** The rows of the chosen nodes on one grid, from which every chart is drawn. */
export interface Aligned {
  /** Unix ms. */
  readonly grid: readonly number[];
  readonly intervalMs: number;
  readonly columns: ReadonlyMap<string, number>;
  readonly nodes: readonly { readonly nodeId: string; readonly rows: readonly (Row | null)[] }[];
}

/** @param nodeId of one node, or null for all together */
export function align(series: Series, nodeId: string | null): Aligned {
  const { intervalMs, columns } = series;
  const grid = gridOf(series);
  const chosen = series.nodes.filter((node) => nodeId === null || node.node_id === nodeId);
  return {
    grid,
    intervalMs,
    columns: new Map(columns.map((name, index) => [name, index])),
    nodes: chosen.map((node) => ({ nodeId: node.node_id, rows: rowsAt(node.rows, grid, intervalMs) })),
  };
}

/** A measure over the grid, of all aligned nodes together; null where none of them measured it. */
export function valuesOf({ across, column, unit }: Measure, aligned: Aligned): (number | null)[] {
  const at = aligned.columns.get(column) ?? -1;
  const weightAt = typeof across === 'object' ? (aligned.columns.get(across.weightedBy) ?? -1) : -1;
  const scale = scaleOf(unit, aligned.intervalMs);
  return aligned.grid.map((_, index) => {
    let [result, weights] = [null as number | null, 0];
    for (const { rows } of aligned.nodes) {
      const row = rows[index];
      const value = row?.[at];
      if (row === null || row === undefined || value === null || value === undefined) continue;
      if (across === 'sum') result = (result ?? 0) + value;
      else if (across === 'worst') result = Math.max(result ?? value, value);
      else {
        const weight = row[weightAt] ?? 0;
        weights += weight;
        result = (result ?? 0) + value * weight;
      }
    }
    if (typeof across === 'object' && result !== null) result = weights === 0 ? null : result / weights;
    return result === null ? null : result * scale;
  });
}

/** The last thing one node measured. */
export function latestOf(node: NodeSeries, { unit, column }: Pick<Measure, 'unit' | 'column'>, series: Series) {
  const value = node.rows.at(-1)?.[series.columns.indexOf(column)];
  return value === null || value === undefined ? null : value * scaleOf(unit, series.intervalMs);
}

function scaleOf(unit: Unit, intervalMs: number): number {
  return unit === 'rate' || unit === 'byteRate' ? 1000 / intervalMs : 1;
}

/** What the eye takes from a chart, for those who do not see it. */
export interface Summary {
  readonly now: number | null;
  readonly mean: number | null;
  readonly peak: number | null;
  /** Unix ms. */
  readonly peakAt: number | null;
  readonly total: number;
}

export function summaryOf(values: readonly (number | null)[], grid: readonly number[]): Summary {
  let [peak, peakAt, total, count] = [null as number | null, null as number | null, 0, 0];
  values.forEach((value, index) => {
    if (value === null) return;
    total += value;
    count++;
    if (peak === null || value > peak) [peak, peakAt] = [value, grid[index] ?? null];
  });
  return { now: values.at(-1) ?? null, mean: count === 0 ? null : total / count, peak, peakAt, total };
}
