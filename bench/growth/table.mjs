/** What was measured of a part, as cells of a table. Pure. */
import { markdownTable } from '../document.mjs';
import { format } from '../table.mjs';

/** How far the last of a figure may be from what it must be before the table says so. */
const NOISE = 1.5;

/** The part's points that have a value of this figure, as `[x, value]`. */
export const valuesOf = (points, figure) =>
  points.flatMap(({ x, figures }) => (typeof figures?.[figure] === 'number' ? [[x, figures[figure]]] : []));

/** @returns cells: a line of heads, then one for each point, then how each figure grew */
export function cells({ x, figures, points }) {
  const names = Object.keys(figures);
  const head = [x, ...names.map((name) => `${figures[name].title}, ${figures[name].unit}`)];
  const lines = points.map((point) => [
    typeof point.x === 'number' ? point.x.toLocaleString('en') : `${point.x}${point.title ? `: ${point.title}` : ''}`,
    ...names.map((name) => cellOf(point, name)),
  ]);
  const growth = names.map((name) => growthOf(valuesOf(points, name), figures[name].grows));
  return growth.some((text) => text !== '') ? [head, ...lines, ['grows', ...growth]] : [head, ...lines];
}

function cellOf({ figures, leftOut, error }, name) {
  if (leftOut !== undefined) return '–';
  if (error !== undefined) return 'failed';
  return typeof figures[name] === 'number' ? format(figures[name]) : '–';
}

/**
 * How a figure has grown beside what it grows with, in words: flat is a factor of 1 from the first to the last point; linear is a share that does not grow,
 * once what is there anyway is taken off.
 */
export function growthOf(values, grows) {
  if (grows === undefined || values.length < 2) return '';
  const [[, first], [, last]] = [values[0], values.at(-1)];
  if (grows === 'flat') {
    // What was too little to be seen, or less than the noise.
    if (first <= 0) return '–';
    const factor = last / first;
    return `${factor.toFixed(1)} ×${factor > NOISE ? ', not flat' : ''}`;
  }
  const slopes = values.slice(1).map(([x, value], n) => (value - values[n][1]) / (x - values[n][0]));
  const each = (values.at(-1)[1] - values[0][1]) / (values.at(-1)[0] - values[0][0]);
  const steeper = slopes.at(-1) / each;
  return `${format(Math.max(0, each))} each${steeper > NOISE ? ', steeper at the end' : ''}`;
}

/** The cells as Markdown. */
export const markdown = ([head, ...lines]) => markdownTable(head, lines);
