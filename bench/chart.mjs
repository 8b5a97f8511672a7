/**
 * The costs as SVG, one panel a row, one bar a peer. Pure. Without a background, in colours that both light and dark pages let one read;
 * where the viewer tells which it is, text follows.
 */
import { costOf, medians } from './statistics.mjs';
import { format } from './table.mjs';

const COLUMNS = 2;
const [PANEL, GAP, LABEL, BAR, LINE, TITLE, FOOT] = [440, 28, 112, 200, 19, 46, 30];
const UNITS = { cpu_us: 'µs', kb: 'kB' };

const STYLE = `
  text { font: 12px system-ui, sans-serif; fill: #57606a }
  .title { font-weight: 600; fill: #24292f }
  .peer { fill: #8c959f }
  .own { fill: #1f883d }
  .strong { font-weight: 600 }
  @media (prefers-color-scheme: dark) {
    text { fill: #9da7b3 }
    .title { fill: #e6edf3 }
    .peer { fill: #6e7681 }
    .own { fill: #3fb950 }
  }`;

const escaped = (text) =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
const tag = (name, attributes, content = '') =>
  `<${name} ${Object.entries(attributes)
    .map(([key, value]) => `${key}="${value}"`)
    .join(' ')}>${content}</${name}>`;
const text = (x, y, content, more = {}) => tag('text', { x, y, ...more }, escaped(content));

/**
 * @param rows as in the table; those without a clean run are left out
 * @param peers names, the first one the base of ratios @param own which of them is painted as ours
 * @param foot one line below, such as the machine
 */
export function chart(rows, peers, runs, { own, foot }) {
  const panels = rows.map((row) => panelOf(row, peers, runs)).filter(({ bars }) => bars.length > 0);
  const lines = Math.max(0, ...panels.map(({ bars }) => bars.length));
  const height = TITLE + lines * LINE + GAP;
  const width = COLUMNS * PANEL + (COLUMNS - 1) * GAP;
  const full = Math.ceil(panels.length / COLUMNS) * height + FOOT;
  const drawn = panels.map((panel, n) => {
    const [x, y] = [(n % COLUMNS) * (PANEL + GAP), Math.floor(n / COLUMNS) * height];
    return tag('g', { transform: `translate(${x} ${y})` }, drawPanel(panel, own));
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${full}" role="img" aria-label="What a unit of work costs at each peer; shorter is better">
<style>${STYLE}
</style>
${drawn.join('\n')}
${text(0, full - 10, `Shorter is better. ${foot}`)}
</svg>
`;
}

function panelOf(row, peers, runs) {
  const cost = costOf(row);
  const base = medians(runs, row.key, peers[0])?.[cost];
  const bars = peers.flatMap((peer) => {
    const value = medians(runs, row.key, peer)?.[cost];
    if (value === undefined) return [];
    return [
      { peer, value, label: `${format(value)} ${UNITS[cost]}${base ? ` · ${(value / base).toFixed(2)} ×` : ''}` },
    ];
  });
  return { title: row.title, subtitle: `${cost === 'kb' ? 'memory' : 'CPU'} per ${row.unit}`, bars };
}

function drawPanel({ title, subtitle, bars }, own) {
  const longest = Math.max(...bars.map(({ value }) => value));
  const drawn = bars.map(({ peer, value, label }, n) => {
    const y = TITLE + n * LINE;
    const length = Math.max(1, Math.round((BAR * value) / longest));
    const bold = peer === own ? { class: 'strong' } : {};
    return (
      text(LABEL - 8, y + 11, peer, { 'text-anchor': 'end', ...bold }) +
      tag('rect', { x: LABEL, y, width: length, height: 13, rx: 2, class: peer === own ? 'own' : 'peer' }) +
      text(LABEL + length + 6, y + 11, label, bold)
    );
  });
  return text(0, 16, title, { class: 'title' }) + text(0, 33, subtitle) + drawn.join('');
}
