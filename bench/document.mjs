/** What a run says, as Markdown: for the README in short, for docs/performance.md in full. Pure. */
import { costOf, failureOf, medians, spread } from './statistics.mjs';
import { format, HEADS } from './table.mjs';

/**
 * Replaces what stands between `<!-- bench:NAME -->` and `<!-- /bench -->`.
 * @throws where `page` has no such place
 */
export function fill(page, name, content) {
  const place = new RegExp(`(<!-- bench:${name} -->\n)[^]*?(<!-- /bench -->)`);
  if (!place.test(page)) throw new Error(`no place for bench:${name}`);
  return page.replace(place, (_, before, after) => `${before}${content}\n${after}`);
}

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

/** The chart, and a table for each row: medians of all figures of every peer. */
export function details(rows, peers, runs, { versions, foot, image }) {
  const tables = rows.map((row) => {
    const cost = costOf(row);
    const others = row.figures.filter((figure) => figure !== cost);
    const base = medians(runs, row.key, peers[0])?.[cost];
    const lines = peers.flatMap((peer) => {
      const cell = medians(runs, row.key, peer);
      if (cell === null) return failureOf(runs, row.key, peer) === undefined ? [] : [[peer, 'failed']];
      const ratio = base === undefined ? '' : (cell[cost] / base).toFixed(2);
      const apart = `${Math.round(spread(runs, row.key, peer, cost) * 100)} %`;
      return [[peer, format(cell[cost]), ratio, apart, ...others.map((figure) => format(cell[figure]))]];
    });
    const head = ['', HEADS[cost], `× ${peers[0]}`, '±', ...others.map((figure) => HEADS[figure])];
    return `### ${row.key}: ${row.title}, per ${row.unit}\n\n${markdownTable(head, lines)}`;
  });
  const who = peers.map((peer) => `${peer} ${versions[peer]}`).join(', ');
  return [picture(peers, image), `${foot}. ${who}.`, ...tables].join('\n\n');
}

const quantity = (row, cost) => `${format(cost)} ${costOf(row) === 'kb' ? 'kB' : 'µs'}`;

/** @param lines of cells, each as long as `head` or shorter */
export function markdownTable(head, lines) {
  const cells = [head, head.map((_, n) => (n === 0 ? '---' : '---:')), ...lines];
  return cells.map((line) => `| ${head.map((_, n) => line[n] ?? '').join(' | ')} |`).join('\n');
}
