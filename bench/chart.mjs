/** The costs as SVG: a line a row, a mark a peer, on a logarithmic axis of multiples of the first peer's cost. Pure. */
import { costOf, medians } from './statistics.mjs';
import { document, tag, text } from './svg.mjs';

const [WIDTH, LEFT, RIGHT, LINE, HEAD, FOOT] = [960, 410, 945, 34, 74, 44];
/** The widest plot there is; a cost outside of it is told at its edge. */
const [LEAST, MOST] = [0.02, 50];
const TICKS = [0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50];

/** Shapes and colours, in the order of peers after the first: no two differ by colour alone. */
const MARKS = [
  ['M0-5 5 0 0 5-5 0Z', '#8250df'],
  ['M-4.5-4.5H4.5V4.5H-4.5Z', '#bf8700'],
  ['M0-5 5 4H-5Z', '#0969da'],
  ['M0 5 5-4H-5Z', '#54aeff'],
  ['M-5-2H-2V-5H2V-2H5V2H2V5H-2V2H-5Z', '#cf222e'],
  ['M-5-5 0-2 5-5 2 0 5 5 0 2-5 5-2 0Z', '#bf3989'],
  ['M-5 0A5 5 0 1 0 5 0 5 5 0 1 0-5 0ZM-2.5 0A2.5 2.5 0 1 1 2.5 0 2.5 2.5 0 1 1-2.5 0Z', '#e16f24'],
];
const OWN = ['M-6.5 0A6.5 6.5 0 1 0 6.5 0 6.5 6.5 0 1 0-6.5 0Z', '#2da44e'];

const line = (x1, y1, x2, y2, kind) => tag('line', { x1, y1, x2, y2, class: kind });
const mark = ([d, fill], x, y) =>
  tag('path', { d, fill, 'fill-rule': 'evenodd', transform: `translate(${x.toFixed(1)} ${y})` });

/**
 * @param rows as in the table; those in which the first peer and ours have no figure compare nothing, and are left out
 * @param peers names, the first one the base of ratios @param own which of them is painted as ours
 * @param foot one line below, such as the machine
 */
export function chart(rows, peers, runs, { own, foot }) {
  const lines = rows.map((row) => ratiosOf(row, peers, runs)).filter(({ ratios }) => ratios.has(own));
  const markOf = marksOf(peers, own);
  const scale = scaleOf(lines.flatMap(({ ratios }) => [...ratios.values()]));
  const bottom = HEAD + lines.length * LINE;
  const label = `What a unit of work costs, as a multiple of what it costs at ${peers[0]}; further left is cheaper`;
  return document(WIDTH, bottom + FOOT, label, [
    legend(peers, own, markOf),
    ...scale.ticks.map((tick) => drawTick(tick, scale.x(tick), bottom, peers[0])),
    ...lines.map((each, n) =>
      tag('g', { transform: `translate(0 ${HEAD + n * LINE})` }, drawLine(each, { peers, own, markOf, scale })),
    ),
    text(
      0,
      bottom + 18,
      `Server's CPU (memory, for an idle connection) as a multiple of ${peers[0]}; logarithmic: further left is cheaper.`,
    ),
    text(0, bottom + 36, foot),
  ]);
}

function drawTick(tick, x, bottom, base) {
  const name = tick === 1 ? `1 = ${base}` : String(tick);
  return (
    line(x, HEAD - 8, x, bottom, tick === 1 ? 'base' : 'grid') + text(x, HEAD - 14, name, { 'text-anchor': 'middle' })
  );
}

/** What each peer that has a figure costs, as a multiple of the first. */
function ratiosOf(row, peers, runs) {
  const costs = peers.map((peer) => [peer, medians(runs, row.key, peer)?.[costOf(row)]]);
  const base = costs[0][1];
  const known = base === undefined ? [] : costs.filter(([, cost]) => cost !== undefined);
  return { row, ratios: new Map(known.map(([peer, cost]) => [peer, cost / base])) };
}

const marksOf = (peers, own) => {
  const others = peers.slice(1).filter((peer) => peer !== own);
  return new Map([[own, OWN], ...others.map((peer, n) => [peer, MARKS[n % MARKS.length]])]);
};

/** The ticks that hold all `ratios`, and where one lies. */
function scaleOf(ratios) {
  const [least, most] = [Math.min(1, ...ratios), Math.max(1, ...ratios)];
  const from = TICKS.findLast((tick) => tick <= least) ?? LEAST;
  const to = TICKS.find((tick) => tick >= most) ?? MOST;
  const share = (ratio) => Math.log(ratio / from) / Math.log(to / from);
  return {
    ticks: TICKS.filter((tick) => tick >= from && tick <= to),
    x: (ratio) => Math.round(LEFT + (RIGHT - LEFT) * Math.min(1, Math.max(0, share(ratio)))),
  };
}

function legend(peers, own, markOf) {
  const shown = [own, ...peers.filter((peer) => peer !== own && markOf.has(peer))];
  let x = 8;
  return shown
    .map((peer) => {
      const drawn = mark(markOf.get(peer), x, 12) + text(x + 12, 16, peer, peer === own ? { class: 'title' } : {});
      x += 34 + peer.length * 6.9;
      return drawn;
    })
    .join('');
}

function drawLine({ row, ratios }, { peers, own, markOf, scale }) {
  const middle = LINE / 2;
  const marks = peers.filter((peer) => peer !== own && markOf.has(peer) && ratios.has(peer));
  const mine = ratios.get(own);
  return (
    text(0, 13, row.title, { class: 'title' }) +
    text(0, 28, `per ${row.unit}`) +
    line(LEFT, middle, RIGHT, middle, 'grid') +
    marks.map((peer) => mark(markOf.get(peer), scale.x(ratios.get(peer)), middle)).join('') +
    mark(OWN, scale.x(mine), middle) +
    text(scale.x(mine), middle - 9, mine.toFixed(2), { 'text-anchor': 'middle', class: 'title' })
  );
}
