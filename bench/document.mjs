/** What a run says, as Markdown: for the README in short, for docs/performance.md in full. Pure. */
import { costOf, failureOf, medians, spread } from './statistics.mjs';
import { format, HEADS } from './table.mjs';

/**
 * Replaces what stands between `<!-- bench:NAME -->` and `<!-- /bench -->`.
 * @throws where `page` has no such place
 */
export function fill(page, name, content) {
  filledWith(page, name);
  return page.replace(placeOf(name), (_, before, __, after) => `${before}${content}\n${after}`);
}

/** What stands there. @throws where `page` has no such place */
export function filledWith(page, name) {
  const found = placeOf(name).exec(page);
  if (found === null) throw new Error(`no place for bench:${name}`);
  return found[2];
}

const placeOf = (name) => new RegExp(`(<!-- bench:${name} -->\n)([^]*?)(<!-- /bench -->)`);

const picture = (peers, file) => `![What a unit of work costs at each server, as a multiple of ${peers[0]}](${file})`;

/** The chart, and one line a row: the cost at the first of `peers` and at `own`, the ratio, and who is cheaper than `own`. */
export function summary(rows, peers, runs, { own, foot, image }) {
  const lines = rows.flatMap((row) => {
    const costs = new Map(peers.map((peer) => [peer, medians(runs, row.key, peer)?.[costOf(row)]]));
    const [base, mine] = [costs.get(peers[0]), costs.get(own)];
    if (base === undefined || mine === undefined) return [];
    const cheaper = peers.filter((peer) => costs.get(peer) < mine);
    return [
      [
        ...[`${row.title}, per ${row.unit}`, quantity(row, base), quantity(row, mine)],
        ...[
          `${(mine / base).toFixed(2)} ×`,
          cheaper.map((peer) => `${peer} ${(costs.get(peer) / base).toFixed(2)} ×`).join(', ') || '–',
        ],
      ],
    ];
  });
  const table = markdownTable(['work', peers[0], own, `${own} : ${peers[0]}`, 'cheaper'], lines);
  return [picture(peers, image), table, `${foot}.`].join('\n\n');
}

/** What is in the README: a run without all of these leaves it, and the chart, as they are. */
export const IN_SHORT = ['A1', 'A2', 'B', 'E', 'H'];

/**
 * A section for each row: medians of all figures of every peer. Rows that were not in this run stay as they were.
 * @param before the sections that there are
 * @param order keys of all rows
 */
export function details(before, rows, peers, runs, { versions, foot, date, order }) {
  const sections = new Map(before.split(/^(?=### )/m).map((text) => [/^### (\w+)/.exec(text)?.[1], text.trim()]));
  for (const row of rows) sections.set(row.key, `${tableOf(row, peers, runs, versions)}\n\n${date}, ${foot}.`);
  return order.flatMap((key) => sections.get(key) ?? []).join('\n\n');
}

/** @param versions of the peers: a row that is kept was measured with others, perhaps */
function tableOf(row, peers, runs, versions) {
  const cost = costOf(row);
  const others = row.figures.filter((figure) => figure !== cost);
  const base = medians(runs, row.key, peers[0])?.[cost];
  const lines = peers.flatMap((peer) => {
    const cell = medians(runs, row.key, peer);
    const name = `${peer} ${versions[peer]}`;
    if (cell === null) return failureOf(runs, row.key, peer) === undefined ? [] : [[name, 'failed']];
    const ratio = base === undefined ? '' : (cell[cost] / base).toFixed(2);
    const apart = `${Math.round(spread(runs, row.key, peer, cost) * 100)} %`;
    return [[name, format(cell[cost]), ratio, apart, ...others.map((figure) => format(cell[figure]))]];
  });
  const head = ['', HEADS[cost], `× ${peers[0]}`, '±', ...others.map((figure) => HEADS[figure])];
  return `### ${row.key}: ${row.title}, per ${row.unit}\n\n${markdownTable(head, lines)}`;
}

const quantity = (row, cost) => `${format(cost)} ${costOf(row) === 'kb' ? 'kB' : 'µs'}`;

/** @param lines of cells, each as long as `head` or shorter */
export function markdownTable(head, lines) {
  const cells = [head, head.map((_, n) => (n === 0 ? '---' : '---:')), ...lines];
  return cells.map((line) => `| ${head.map((_, n) => line[n] ?? '').join(' | ')} |`).join('\n');
}
