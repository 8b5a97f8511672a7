/** Medians of the runs, as a table and as a verdict. */

/** Smaller differences mean nothing (bench/README.md). */
const NOISE = 1.15;

const UNITS = {
  us_per_delivery: 'CPU µs per delivery',
  us_per_pingpong: 'CPU µs per ping-pong',
  us_per_handshake: 'CPU µs per handshake',
  kb_per_connection: 'kB per idle connection',
  deliveries_per_s: 'deliveries per s',
  pingpongs_per_s: 'ping-pongs per s',
  p50_ms: 'p50 ms',
  p99_ms: 'p99 ms',
};
/** Figures that say what work costs; the others describe the run. */
const isCost = (figure) => /^(us|kb)_/.test(figure);

/** The median of every figure of a row and peer, or null when there was no clean run. */
export function medians(runs, row, peer) {
  const mine = runs.filter((run) => run.row === row && run.peer === peer).map(({ figures }) => figures);
  if (mine.length === 0) return null;
  return Object.fromEntries(
    Object.keys(mine[0]).map((figure) => [figure, median(mine.map((figures) => figures[figure]))]),
  );
}

function median(values) {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** One line a figure; in brackets how many times bare `ws` (the first peer). */
export function printTable(rows, peers, runs) {
  const lines = [['', '', ...peers.map(({ name }) => name)]];
  for (const { key, title, figures } of rows) {
    const cells = peers.map(({ name }) => medians(runs, key, name));
    lines.push([`${key}  ${title}`, '', ...peers.map(() => '')]);
    for (const figure of figures) {
      const base = cells[0]?.[figure];
      const shown = cells.map((cell) =>
        cell === null
          ? 'no clean run'
          : `${format(cell[figure])}${base ? ` (${(cell[figure] / base).toFixed(2)})` : ''}`,
      );
      lines.push(['', UNITS[figure], ...shown]);
    }
  }
  const widths = lines[0].slice(1).map((_, column) => Math.max(...lines.map((line) => line[column + 1].length)));
  console.log('\nMedians; in brackets the ratio to bare ws in this run\n');
  for (const [head, ...cells] of lines) {
    if (head !== '') console.log(head);
    else
      console.log(
        `    ${cells.map((cell, column) => (column === 0 ? cell.padEnd(widths[0]) : cell.padStart(widths[column]))).join('   ')}`,
      );
  }
}

function format(value) {
  if (value >= 1000) return Math.round(value).toLocaleString('en');
  return value.toPrecision(3);
}

/** Costs of `peer` that are above those of `other` beyond noise, one sentence each. */
export function worseThan(rows, runs, peer, other) {
  return rows.flatMap(({ key, figures }) => {
    const [mine, theirs] = [medians(runs, key, peer), medians(runs, key, other)];
    if (mine === null || theirs === null) return [];
    return figures
      .filter((figure) => isCost(figure) && mine[figure] > theirs[figure] * NOISE)
      .map((figure) => `${key}: ${format(mine[figure])} against ${format(theirs[figure])} ${UNITS[figure]}`);
  });
}
