import { align, type Measure, summaryOf, valuesOf } from './measures.js';
import { gridOf, HOUR_MS, mergeSeries, type Row, type Series, type SeriesAnswer, sinceOf } from './series.js';

const S = 10_000;
const NOW = 1_700_000_000_000;
const COLUMNS = ['at', 'connections', 'commands', 'command_p50_ms', 'command_p99_ms'];
const CONNECTIONS: Measure = { column: 'connections', unit: 'count', across: 'sum' };

/** Rows that end at these times, with as many connections. */
const rows = (connections: number, ...ends: number[]): Row[] => ends.map((at) => [at, connections, 10, null, null]);
const node = (node_id: string, of: readonly Row[]) => ({
  ...{ node_id, version: '1', started_at: 0, ready: true, draining: false, rows: of },
});
const answer = (timestamp: number, nodes: SeriesAnswer['nodes'], unconfirmed?: string[]): SeriesAnswer => ({
  ...{ timestamp, interval_ms: S, columns: COLUMNS, nodes },
  ...(unconfirmed && { unconfirmed }),
});
const connectionsOf = (series: Series, nodeId: string | null = null) => valuesOf(CONNECTIONS, align(series, nodeId));

describe('the series of nodes', () => {
  it('of answers that overlap have each row once, and none that is older than an hour', () => {
    const first = mergeSeries(null, answer(NOW, [node('a', rows(1, NOW - HOUR_MS + 1, NOW - S, NOW))]));
    expect(sinceOf(first)).toBeLessThan(NOW - 2 * S);
    const second = mergeSeries(first, answer(NOW + S, [node('a', rows(2, NOW - S, NOW, NOW + S))]));
    expect(second.nodes[0]?.rows.map(([at, connections]) => [at, connections])).toEqual([
      [NOW - S, 1],
      [NOW, 1],
      [NOW + S, 2],
    ]);
  });

  it('are added up at the same times, whenever each node measures', () => {
    const ends = [NOW - 2 * S, NOW - S, NOW];
    const later = ends.map((at) => at + 7000);
    const series = mergeSeries(null, answer(NOW + 8000, [node('a', rows(3, ...ends)), node('b', rows(4, ...later))]));
    expect(gridOf(series)).toHaveLength(360);
    expect(gridOf(series).at(-1)).toBe(NOW);
    expect(connectionsOf(series).slice(-3)).toEqual([7, 7, 7]);
    expect(connectionsOf(series, 'b').slice(-3)).toEqual([4, 4, 4]);
  });

  it('show no dip at the end for a node that has not measured yet, and do not wait for one that stopped', () => {
    const behind = answer(NOW + 2000, [node('a', rows(3, NOW - S, NOW)), node('b', rows(4, NOW - 2 * S, NOW - S))]);
    expect(connectionsOf(mergeSeries(null, behind)).at(-1)).toBe(7);
    const stopped = answer(NOW + 2000, [node('a', rows(3, NOW - S, NOW)), node('b', rows(4, NOW - 9 * S))]);
    expect(connectionsOf(mergeSeries(null, stopped)).at(-1)).toBe(3);
  });

  it('keep what a node did that went, and know a silent one from one that is gone', () => {
    const both = mergeSeries(null, answer(NOW, [node('a', rows(3, NOW - S, NOW)), node('b', rows(4, NOW - S, NOW))]));
    const one = [node('a', rows(3, NOW + S))];
    const silent = mergeSeries(both, answer(NOW + S, one, ['b']));
    expect(silent.nodes.map(({ node_id, presence }) => [node_id, presence])).toEqual([
      ['a', 'present'],
      ['b', 'silent'],
    ]);
    const gone = mergeSeries(silent, answer(NOW + S, one));
    expect(gone.nodes[1]?.presence).toBe('gone');
    expect(connectionsOf(gone).slice(-3)).toEqual([7, 7, 3]);
    expect(mergeSeries(gone, answer(NOW + 2 * HOUR_MS, one)).nodes).toHaveLength(1);
  });
});

describe('measures across nodes', () => {
  const series = mergeSeries(
    null,
    answer(NOW, [
      node('a', [[NOW, 1, 30, 2, 9]]),
      node('b', [[NOW, 1, 10, 6, 40]]),
      node('idle', [[NOW, 1, 0, null, null]]),
    ]),
  );
  const aligned = align(series, null);

  it('weigh medians by how often was measured, and tell the worst of high percentiles', () => {
    const p50 = { column: 'command_p50_ms', unit: 'millis', across: { weightedBy: 'commands' } } as const;
    expect(valuesOf(p50, aligned).at(-1)).toBe(3);
    expect(valuesOf({ column: 'command_p99_ms', unit: 'millis', across: 'worst' }, aligned).at(-1)).toBe(40);
  });

  it('are rates of counts, and nothing where nothing was measured', () => {
    const commands = valuesOf({ column: 'commands', unit: 'rate', across: 'sum' }, aligned);
    expect(commands.slice(-2)).toEqual([null, 4]);
    const absent = { column: 'of_a_later_version', unit: 'count', across: 'sum' } as const;
    expect(valuesOf(absent, aligned).at(-1)).toBeNull();
  });

  it('are told in words: now, mean, and the peak with its time', () => {
    expect(summaryOf([null, 4, 10, 4], [1, 2, 3, 4])).toEqual({ now: 4, mean: 6, peak: 10, peakAt: 3, total: 18 });
    expect(summaryOf([null], [1])).toMatchObject({ now: null, mean: null, peak: null, peakAt: null });
  });
});
