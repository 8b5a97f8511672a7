/** What several runs say together. A run is `{ row, peer, figures }`, or `{ row, peer, error }` if it said nothing. */

/** @param values at least one number */
export function median(values) {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

const runsOf = (runs, row, peer) => runs.filter((run) => run.row === row && run.peer === peer);

/** The median of every figure of a row and peer; null when no run, or not every one of them, was clean. */
export function medians(runs, row, peer) {
  const mine = runsOf(runs, row, peer);
  if (mine.length === 0 || mine.some(({ error }) => error !== undefined)) return null;
  const all = mine.map(({ figures }) => figures);
  return Object.fromEntries(
    Object.keys(all[0]).map((figure) => [figure, median(all.map((figures) => figures[figure]))]),
  );
}

/** Why there is no median: the first thing that went wrong; undefined if there is one or nobody tried. */
export const failureOf = (runs, row, peer) => runsOf(runs, row, peer).find(({ error }) => error !== undefined)?.error;

/** From the smallest to the largest of a figure, as a share of its median: how much to believe it. */
export function spread(runs, row, peer, figure) {
  const values = runsOf(runs, row, peer)
    .filter(({ error }) => error === undefined)
    .map(({ figures }) => figures[figure]);
  return values.length < 2 ? 0 : (Math.max(...values) - Math.min(...values)) / median(values);
}

/** `list` from its `n`-th on and round again: who begins changes, so that nobody always follows the same one. */
export function rotated(list, n) {
  const start = list.length === 0 ? 0 : n % list.length;
  return [...list.slice(start), ...list.slice(0, start)];
}

/** Figures that say what work costs; the others describe the run. */
export const costOf = ({ figures }) => figures.find((figure) => figure === 'cpu_us' || figure === 'kb');
