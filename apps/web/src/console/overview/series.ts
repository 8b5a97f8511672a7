/** What one node measured in one interval, by the columns of the answer; null where nothing was measured. */
export type Row = readonly (number | null)[];

export interface NodeAnswer {
  readonly node_id: string;
  readonly version: string;
  /** Unix ms. */
  readonly started_at: number;
  readonly ready: boolean;
  readonly draining: boolean;
  readonly rows: readonly Row[];
}

/** `GET /api/operator/series`. */
export interface SeriesAnswer {
  /** Unix ms. */
  readonly timestamp: number;
  readonly interval_ms: number;
  readonly columns: readonly string[];
  readonly nodes: readonly NodeAnswer[];
  /** Nodes that did not answer. */
  readonly unconfirmed?: readonly string[];
}

/** `present`: it answered; `silent`: it should have; `gone`: nobody knows of it any more. */
export type NodePresence = 'present' | 'silent' | 'gone';

export interface NodeSeries extends NodeAnswer {
  readonly presence: NodePresence;
}

/** What all nodes measured in the last hour, as far as this page has seen it. Never changed: merging makes another. */
export interface Series {
  readonly timestamp: number;
  readonly intervalMs: number;
  readonly columns: readonly string[];
  /** By id. Each with rows by time, of the last hour. */
  readonly nodes: readonly NodeSeries[];
}

export const HOUR_MS = 3_600_000;
const EMPTY: Series = { timestamp: 0, intervalMs: 10_000, columns: [], nodes: [] };

/**
 * Adds an answer to what was there. A row that is there already is not taken twice, so that answers may overlap; a node that
 * went keeps its rows until they are an hour old, as what all nodes did together does not change when one goes.
 */
export function mergeSeries(before: Series | null, answer: SeriesAnswer): Series {
  const old = new Map((before ?? EMPTY).nodes.map((node) => [node.node_id, node]));
  const since = answer.timestamp - HOUR_MS;
  const silent = new Set(answer.unconfirmed);
  const present = answer.nodes.map((node): NodeSeries => {
    const rows = joinRows(old.get(node.node_id)?.rows ?? [], node.rows, since);
    old.delete(node.node_id);
    return { ...node, rows, presence: 'present' };
  });
  const absent = [...old.values()]
    .map((node): NodeSeries => {
      const presence = silent.has(node.node_id) ? 'silent' : 'gone';
      return { ...node, presence, rows: joinRows(node.rows, [], since) };
    })
    .filter(({ presence, rows }) => presence === 'silent' || rows.length > 0);
  const nodes = [...present, ...absent].sort((a, b) => (a.node_id < b.node_id ? -1 : 1));
  return { timestamp: answer.timestamp, intervalMs: answer.interval_ms, columns: answer.columns, nodes };
}

/** From when on to ask again: the answers overlap a little, as the clocks of nodes differ. */
export function sinceOf({ timestamp, intervalMs }: Series): number {
  return timestamp - 3 * intervalMs;
}

function joinRows(before: readonly Row[], more: readonly Row[], since: number): readonly Row[] {
  const last = before.at(-1)?.[0] ?? 0;
  const later = more.filter(([at]) => (at ?? 0) > last);
  return [...before, ...later].filter(([at]) => (at ?? 0) > since);
}

/** The times that all charts show: ends of intervals, the last one that every node which answers has measured. */
export function gridOf({ timestamp, intervalMs, nodes }: Series): number[] {
  const lasts = nodes.filter(({ presence }) => presence === 'present').map(({ rows }) => rows.at(-1)?.[0] ?? 0);
  // A node that stopped measuring is not waited for longer than this.
  const earliest = timestamp - 3 * intervalMs;
  const end = Math.min(timestamp, ...lasts.filter((at) => at >= earliest));
  const last = Math.floor(end / intervalMs) * intervalMs;
  const count = HOUR_MS / intervalMs;
  return Array.from({ length: count }, (_, index) => last - (count - 1 - index) * intervalMs);
}

/** For each time of the grid the row whose interval it lies in. */
export function rowsAt(rows: readonly Row[], grid: readonly number[], intervalMs: number): (Row | null)[] {
  let next = 0;
  return grid.map((time) => {
    while (next < rows.length && atOf(rows[next]) < time) next++;
    const row = rows[next];
    return row !== undefined && atOf(row) - intervalMs < time ? row : null;
  });
}

function atOf(row: Row | undefined): number {
  return row?.[0] ?? 0;
}
