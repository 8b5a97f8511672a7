/** The costs as SVG, one panel a row, one bar a peer. Pure. */
import { costOf, failureOf, medians } from './statistics.mjs';
import { document, tag, text } from './svg.mjs';
import { format } from './table.mjs';

const COLUMNS = 2;
const [PANEL, GAP, LABEL, BAR, LINE, TITLE, FOOT] = [440, 28, 112, 200, 19, 46, 30];
const UNITS = { cpu_us: 'µs', kb: 'kB' };

/**
 * @param rows as in the table; those in which fewer than two peers have a figure compare nothing, and are left out
 * @param peers names, the first one the base of ratios @param own which of them is painted as ours
 * @param foot one line below, such as the machine
 */
export function chart(rows, peers, runs, { own, foot }) {
  const panels = rows.map((row) => panelOf(row, peers, runs)).filter(({ bars }) => bars.filter(hasValue).length > 1);
  const drawn = [];
  let height = 0;
  for (let n = 0; n < panels.length; n += COLUMNS) {
    const line = panels.slice(n, n + COLUMNS);
    for (const [column, panel] of line.entries())
      drawn.push(tag('g', { transform: `translate(${column * (PANEL + GAP)} ${height})` }, drawPanel(panel, own)));
    height += TITLE + Math.max(...line.map(({ bars }) => bars.length)) * LINE + GAP;
  }
  const width = COLUMNS * PANEL + (COLUMNS - 1) * GAP;
  const last = text(0, height + FOOT - 10, `Shorter is better. ${foot}`);
  return document(width, height + FOOT, 'What a unit of work costs at each peer; shorter is better', [...drawn, last]);
}

const hasValue = ({ value }) => value !== null;

/** A peer that failed is shown to have; one that was not asked is not there. */
function panelOf(row, peers, runs) {
  const cost = costOf(row);
  const base = medians(runs, row.key, peers[0])?.[cost];
  const bars = peers.flatMap((peer) => {
    const value = medians(runs, row.key, peer)?.[cost];
    if (value === undefined)
      return failureOf(runs, row.key, peer) === undefined ? [] : [{ peer, value: null, label: 'failed' }];
    return [
      { peer, value, label: `${format(value)} ${UNITS[cost]}${base ? ` · ${(value / base).toFixed(2)} ×` : ''}` },
    ];
  });
  return { title: row.title, subtitle: `${cost === 'kb' ? 'memory' : 'CPU'} per ${row.unit}`, bars };
}

function drawPanel({ title, subtitle, bars }, own) {
  const longest = Math.max(...bars.map(({ value }) => value ?? 0));
  const drawn = bars.map(({ peer, value, label }, n) => {
    const y = TITLE + n * LINE;
    const length = value === null ? 0 : Math.max(1, Math.round((BAR * value) / longest));
    const bold = peer === own ? { class: 'strong' } : {};
    return (
      text(LABEL - 8, y + 11, peer, { 'text-anchor': 'end', ...bold }) +
      tag('rect', { x: LABEL, y, width: length, height: 13, rx: 2, class: peer === own ? 'own' : 'peer' }) +
      text(LABEL + length + 6, y + 11, label, bold)
    );
  });
  return text(0, 16, title, { class: 'title' }) + text(0, 33, subtitle) + drawn.join('');
}
