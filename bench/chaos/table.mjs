const COLUMNS = [
  ['acknowledged', 12],
  ['delivered', 9],
  ['lost', 5],
  ['repeated', 8],
  ['reordered', 9],
  ['longest silence', 15],
];
const TITLE = 42;

export function heading() {
  const head = ['fault'.padEnd(TITLE), ...COLUMNS.map(([name, width]) => name.padStart(width))].join('  ');
  return `${head}\n${'-'.repeat(head.length)}`;
}

/** One row; what a case does not count is left empty. */
export function line(title, { acknowledged, delivered, lost = 0, repeated = 0, reordered = 0, longestSilenceMs }) {
  const silence = longestSilenceMs === undefined ? '' : `${(longestSilenceMs / 1000).toFixed(2)} s`;
  const cells = [acknowledged ?? '–', delivered ?? '–', lost, repeated, reordered, silence];
  return [title.padEnd(TITLE), ...cells.map((cell, n) => String(cell).padStart(COLUMNS[n][1]))].join('  ');
}
