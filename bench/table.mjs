/** Medians of the runs as a table for a terminal. Pure. */
import { costOf, failureOf, medians, spread } from './statistics.mjs';

/** From here on the load could be what limits how many there are a second. In per cent of its core. */
const LOAD_IS_BUSY = 90;
/** What strangers took of the two cores, in per cent of one, from which on a figure is not to be trusted. */
const STRANGERS = 20;

/** The head of a column. */
export const HEADS = {
  cpu_us: 'CPU µs',
  kb: 'kB',
  per_s: 'per s',
  p50_ms: 'p50 ms',
  p99_ms: 'p99 ms',
  push_p50_ms: 'push p50',
  push_p99_ms: 'push p99',
  bytes: 'bytes',
};

/**
 * One block a row, one line a peer: medians, the cost as a multiple of bare `ws`, and how far the rounds were apart.
 * @param rows with `key`, `title`, `unit`, `figures` @param peers names, the first one the base of ratios
 */
export function table(rows, peers, runs) {
  return rows.map((row) => block(row, peers, runs)).join('\n');
}

function block(row, peers, runs) {
  const cost = costOf(row);
  const base = medians(runs, row.key, peers[0])?.[cost];
  const head = [
    ...['', HEADS[cost], `× ${peers[0]}`, '±'],
    ...row.figures.filter((figure) => figure !== cost).map((figure) => HEADS[figure]),
    'server %',
    'load %',
  ];
  const lines = peers.flatMap((peer) => {
    const cell = medians(runs, row.key, peer);
    const failure = failureOf(runs, row.key, peer);
    if (cell === null) return failure === undefined ? [] : [[peer, `failed: ${firstLine(failure)}`]];
    const others = row.figures.filter((figure) => figure !== cost).map((figure) => format(cell[figure]));
    return [
      [
        ...[peer, format(cell[cost]), base === undefined ? '' : (cell[cost] / base).toFixed(2)],
        `${Math.round(spread(runs, row.key, peer, cost) * 100)} %`,
        ...[...others, String(Math.round(cell.server_pct)), marked(cell)],
      ],
    ];
  });
  return [`${row.key}  ${row.title}, per ${row.unit}`, ...aligned([head, ...lines]), ''].join('\n');
}

const firstLine = (text) => text.trimEnd().split('\n', 1)[0];

/** `!` the load was the bottleneck; `~` strangers used the cores too. */
const marked = ({ load_pct: load, others_pct: others }) =>
  `${Math.round(load)}${load > LOAD_IS_BUSY ? '!' : ''}${others > STRANGERS ? '~' : ''}`;

export const LEGEND = `CPU is the server's, user and system; ± from the smallest to the largest round.
server %, load %: of a core, by the server and by the load generator; ! it was the bottleneck, so "per s" is a lower bound; ~ other processes used more than
${STRANGERS} % of a core meanwhile: measure again when the machine is quiet`;

function aligned(lines) {
  const widths = lines[0].map((_, column) =>
    Math.max(...lines.filter((line) => line.length > 2).map((line) => line[column].length)),
  );
  widths[0] = Math.max(...lines.map(([name]) => name.length));
  return lines.map((line) => {
    const cells = line.map((cell, column) => {
      if (column === 0) return cell.padEnd(widths[0]);
      return line.length > 2 ? cell.padStart(widths[column]) : cell;
    });
    return `    ${cells.join('   ')}`.trimEnd();
  });
}

/** Three digits that count, and thousands apart. */
export function format(value) {
  if (value >= 1000) return Math.round(value).toLocaleString('en');
  return value === 0 ? '0' : value.toPrecision(3);
}
