/** The part of docs/scaling.md that is made from what was measured, and its chart. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../../scripts/run-process.mjs';
import { fill } from '../document.mjs';
import { lineChart } from '../growth/line-chart.mjs';
import { readMeasured } from '../growth/measured.mjs';
import { PARTS } from '../growth/parts/index.mjs';
import { cells, markdown } from '../growth/table.mjs';
import { compare } from './check.mjs';
import { MIXES } from './mixes.mjs';
import { plan, sharedLimit } from './model.mjs';
import { planCells } from './result.mjs';
import { unitsOf } from './units.mjs';

export const PAGE = join(ROOT, 'docs/scaling.md');
export const CHART = join(ROOT, 'docs/images/growth.svg');
const PLACE = 'growth';
const CONNECTIONS = 1_000_000;

/** The text of docs/scaling.md with what was measured, and what is reckoned by it. Pure. */
export function pageOf(page, measured) {
  return fill(page, PLACE, [...partsOf(measured).map(sectionOf), ...modelled(measured)].join('\n\n'));
}

export const chartOf = (measured) => lineChart(partsOf(measured));

/** In the order they are listed in. */
const partsOf = (measured) => PARTS.flatMap(({ key }) => (measured[key] === undefined ? [] : [measured[key]]));

function sectionOf(part) {
  const { cpu, cores, memory_gib: memory, kernel, node } = part.machine;
  const leftOut = part.points.filter((point) => point.leftOut !== undefined);
  return [
    `### ${part.title}`,
    markdown(cells(part)),
    ...leftOut.map(({ x, leftOut: why }) => `${x.toLocaleString('en')} ${part.x}: ${why}.`),
    `Measured ${part.date} on ${cpu}, ${cores} cores, ${memory} GiB; ${kernel}, Node ${node}.`,
  ].join('\n\n');
}

/** Also while some parts were never measured. */
function modelled(measured) {
  try {
    return [reckoned(measured), checked(measured)];
  } catch (error) {
    return [`Nothing can be reckoned: ${error.message}.`];
  }
}

function reckoned(measured) {
  const columns = (at) => {
    const units = unitsOf(measured, at);
    return Object.entries(MIXES).map(([name, mix]) => ({
      name,
      ...plan(mix, CONNECTIONS, units),
      sharedLimit: sharedLimit(mix, units),
    }));
  };
  const joined = columns('joined');
  const lines = planCells(columns('alone'));
  const atBest = ['nodes at best, under full load', ...planCells(joined)[1].slice(1)];
  return `### A million connections\n\n${markdown([...lines.slice(0, 2), atBest, ...lines.slice(2)])}`;
}

function checked({ nodes, ...others }) {
  const units = unitsOf({ nodes, ...others });
  const percent = (value) => `${(value * 100).toFixed(1)} %`;
  const cell = (pair) => {
    if (pair === null) return ['–', '–', '–'];
    const { predicted, measured } = pair;
    const error = `${predicted > measured ? '+' : '−'}${Math.abs((predicted / measured - 1) * 100).toFixed(0)} %`;
    return [percent(predicted), percent(measured), error];
  };
  const head = ['a node', 'Postgres', 'NATS'].flatMap((what) => [`${what}: reckoned`, 'measured', 'error']);
  const lines = compare(nodes, units).map((each) => [
    String(each.nodes),
    ...[each.node, each.database, each.bus].flatMap(cell),
  ]);
  return `### Reckoned and measured\n\n${markdown([['nodes', ...head], ...lines])}`;
}

/** Brings the page and its chart up to what is kept. */
export function writePage() {
  const measured = readMeasured();
  writeFileSync(PAGE, pageOf(readFileSync(PAGE, 'utf8'), measured));
  writeFileSync(CHART, chartOf(measured));
}
