/** How costs grow, as SVG: a panel for each part and unit, a line for each figure. Both axes are logarithmic, so that flat is level and linear is a slope. Pure. */
import { document, tag, text } from '../svg.mjs';
import { format } from '../table.mjs';
import { valuesOf } from './table.mjs';

const COLUMNS = 2;
const [PANEL, GAP, LEFT, TOP, HEIGHT, LINE] = [440, 28, 52, 30, 180, 18];
const AXIS = 50;
const UNITS = ['µs', 'ms', 'kB'];

/** @param parts as measured */
export function lineChart(parts) {
  const panels = parts.flatMap((part) => UNITS.flatMap((unit) => panelOf(part, unit)));
  const drawn = [];
  let height = 0;
  for (let n = 0; n < panels.length; n += COLUMNS) {
    const row = panels.slice(n, n + COLUMNS);
    for (const [column, panel] of row.entries())
      drawn.push(tag('g', { transform: `translate(${column * (PANEL + GAP)} ${height})` }, drawPanel(panel)));
    height += TOP + HEIGHT + AXIS + Math.max(...row.map(({ lines }) => lines.length)) * LINE + GAP;
  }
  return document(COLUMNS * PANEL + GAP, height, 'How costs grow; both axes are logarithmic', drawn);
}

/** Nothing where no figure of this unit has two points. */
function panelOf({ title, x, figures, points }, unit) {
  const lines = Object.entries(figures)
    .filter(([, figure]) => figure.unit === unit)
    .map(([name, figure]) => ({
      title: figure.title,
      values: valuesOf(points, name).filter(([at, y]) => at > 0 && y > 0),
    }))
    .filter(({ values }) => values.length > 1);
  return lines.length === 0 ? [] : [{ title, x, unit, lines }];
}

function drawPanel({ title, x, unit, lines }) {
  const all = lines.flatMap(({ values }) => values);
  const across = scale(
    all.map(([at]) => at),
    LEFT,
    PANEL,
  );
  const up = scale(
    all.map(([, value]) => value),
    TOP + HEIGHT,
    TOP,
  );
  const [left, right, top, bottom] = [LEFT, PANEL, TOP, TOP + HEIGHT];
  const grid = [
    ...across.decades.map((at) => [
      tag('path', { d: `M${across.at(at)} ${top}V${bottom}`, class: 'grid' }),
      text(across.at(at), bottom + 15, at.toLocaleString('en'), { 'text-anchor': 'middle' }),
    ]),
    ...up.decades.map((value) => [
      tag('path', { d: `M${left} ${up.at(value)}H${right}`, class: 'grid' }),
      text(left - 6, up.at(value) + 4, format(value), { 'text-anchor': 'end' }),
    ]),
  ].flat();
  const drawn = lines.flatMap(({ title: name, values }, n) => {
    const y = bottom + AXIS + n * LINE;
    const d = values.map(([at, value], first) => `${first === 0 ? 'M' : 'L'}${across.at(at)} ${up.at(value)}`).join('');
    return [
      tag('path', { d, class: `line s${n % 6}` }),
      tag('path', { d: `M${left} ${y - 4}h18`, class: `line s${n % 6}` }),
      text(left + 24, y, name),
    ];
  });
  return [
    text(0, 16, `${title}: ${unit}`, { class: 'title' }),
    ...grid,
    text(right, bottom + 30, x, { 'text-anchor': 'end' }),
    ...drawn,
  ].join('');
}

/** Whole decades around the values, drawn between two coordinates. */
function scale(values, from, to) {
  const low = Math.floor(Math.log10(Math.min(...values)));
  const high = Math.max(low + 1, Math.ceil(Math.log10(Math.max(...values)) - 1e-9));
  const at = (value) => Math.round(from + ((Math.log10(value) - low) / (high - low)) * (to - from));
  return { at, decades: Array.from({ length: high - low + 1 }, (_, n) => Number(`1e${low + n}`)) };
}
