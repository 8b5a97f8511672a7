/** The benchmark, but for what it measures: options, statistics, table, chart and pages. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { chart } from '../bench/chart.mjs';
import { details, fill, filledWith, summary } from '../bench/document.mjs';
import { readOptions } from '../bench/options.mjs';
import { PAYLOAD_BYTES, payload } from '../bench/payload.mjs';
import { median, medians, rotated, spread } from '../bench/statistics.mjs';
import { table } from '../bench/table.mjs';

const E = { key: 'E', title: 'ping → pong', unit: 'ping-pong', figures: ['cpu_us', 'p50_ms'] };
const A = { key: 'A', title: 'rooms <& more>', unit: 'delivery', figures: ['cpu_us', 'per_s'] };
const runsOf = (row, peer, costs, more = {}) =>
  costs.map((cpu_us) => ({
    ...{ row, peer },
    figures: { cpu_us, p50_ms: 100 * cpu_us, per_s: 5000, server_pct: 70, load_pct: 50, others_pct: 0, ...more },
  }));
const failed = (row, peer) => ({ row, peer, error: 'lost: 3\nand the rest' });
const all = { rows: [E, A], peers: [{ name: 'bare ws' }, { name: 'Hubbub' }] };

test('the median is the middle, and the mean of the two in the middle where there are two', () => {
  assert.deepEqual([[7], [9, 1, 2], [4, 1, 100, 2]].map(median), [7, 2, 3]);
});

test('one run that lost something leaves a row without a figure, however many others were clean', () => {
  const runs = [...runsOf('E', 'Hubbub', [10, 12, 30]), ...runsOf('E', 'ws', [20, 21]), failed('E', 'ws')];
  assert.equal(medians(runs, 'E', 'Hubbub').cpu_us, 12);
  assert.equal(medians(runs, 'E', 'ws'), null);
  assert.equal(medians(runs, 'E', 'nobody'), null);
  assert.equal(spread(runs, 'E', 'Hubbub', 'cpu_us'), 20 / 12);
});

test('every peer begins once before one begins again', () => {
  const begins = [0, 1, 2, 3].map((round) => rotated(['a', 'b', 'c'], round).join(''));
  assert.deepEqual(begins, ['abc', 'bca', 'cab', 'abc']);
});

test('the table tells costs, ratios to the first peer, failures, a busy load and strangers', () => {
  const runs = [
    ...runsOf('E', 'bare ws', [10]),
    ...runsOf('E', 'Hubbub', [8.5, 9, 9.5], { load_pct: 97.2, others_pct: 40 }),
    failed('E', 'nchan'),
  ];
  const lines = table([E], ['bare ws', 'Hubbub', 'nchan', 'mosquitto'], runs).split('\n');
  const cells = lines.map((line) => line.trim().split(/\s{2,}/));
  assert.deepEqual(cells.slice(0, -1), [
    ['E', 'ping → pong, per ping-pong'],
    ['CPU µs', '× bare ws', '±', 'p50 ms', 'server %', 'load %'],
    ['bare ws', '10.0', '1.00', '0 %', '1,000', '70', '50'],
    ['Hubbub', '9.00', '0.90', '11 %', '900', '70', '97!~'],
    ['nchan', 'failed: lost: 3'],
  ]);
});

test('the chart is well-formed SVG: a line for a row that has a ratio, and on it a mark for each peer, further left where it is cheaper', () => {
  const runs = [
    ...runsOf('A', 'bare ws', [10]),
    ...runsOf('A', 'Hubbub', [2.5]),
    ...runsOf('A', 'mosquitto', [1]),
    failed('A', 'nchan'),
    ...runsOf('E', 'Hubbub', [7]),
  ];
  const svg = chart([E, A], ['bare ws', 'Hubbub', 'nchan', 'mosquitto'], runs, { own: 'Hubbub', foot: 'a <machine>' });
  const open = [];
  for (const [, closing, name, own] of svg.matchAll(/<(\/?)(\w+)[^>]*?(\/?)>/g)) {
    if (closing === '') open.push(name);
    if (closing !== '' || own !== '') assert.equal(open.pop(), name);
  }
  assert.deepEqual(open, []);
  assert.ok(!svg.includes(E.title), 'no ratio without bare ws');
  const [cheaper, mine] = [...svg.split('rooms &lt;&amp; more&gt;')[1].matchAll(/translate\(([\d.]+) 17\)/g)].map(
    ([, x]) => Number(x),
  );
  assert.ok(cheaper < mine);
  for (const part of ['>0.25<', '1 = bare ws', 'a &lt;machine&gt;', 'prefers-color-scheme: dark'])
    assert.ok(svg.includes(part), part);
});

test('pages get the figures between their marks, with the peers that are cheaper, and keep the rest', () => {
  const runs = [
    ...runsOf('A', 'bare ws', [10]),
    ...runsOf('A', 'Hubbub', [2.5]),
    ...runsOf('A', 'mosquitto', [1]),
    failed('A', 'nchan'),
  ];
  const peers = ['bare ws', 'Hubbub', 'nchan', 'mosquitto'];
  const about = {
    own: 'Hubbub',
    foot: 'a machine',
    image: 'x.svg',
    versions: Object.fromEntries(peers.map((peer) => [peer, '1'])),
  };
  const page = 'before\n<!-- bench:summary -->\nold\n<!-- /bench -->\nafter\n<!-- bench:other -->\n<!-- /bench -->';
  const short = fill(page, 'summary', summary([A, E], peers, runs, about));
  assert.match(short, /^before\n<!-- bench:summary -->\n!\[.*\]\(x\.svg\)\n\n\| work \|/);
  assert.ok(short.endsWith('<!-- /bench -->\nafter\n<!-- bench:other -->\n<!-- /bench -->'));
  assert.match(short, /\| 10\.0 µs \| 2\.50 µs \| 0\.25 × \| mosquitto 0\.10 × \|/);
  assert.ok(!short.includes('old') && !short.includes(E.title));
  assert.equal(filledWith(page, 'summary'), 'old\n');
  assert.throws(() => fill(page, 'nowhere', ''), /bench:nowhere/);
});

test('the page with all figures has a section for each row, and keeps those of rows that were not measured again', () => {
  const peers = ['bare ws', 'nchan', 'Hubbub'];
  const runs = [...runsOf('A', 'bare ws', [10]), ...runsOf('A', 'Hubbub', [2.5]), failed('A', 'nchan')];
  const versions = { 'bare ws': '8', nchan: '1', Hubbub: '0.1' };
  const about = { versions, foot: 'a machine', date: '2026-01-02', order: ['E', 'A', 'F'] };
  const before = '### A: old\n\nold\n\n### F: rooms\n\nkept\n\n### Gone: row\n\nold\n\n### E: ping\n\nkept, too\n';
  const page = details(before, [A], peers, runs, about);
  assert.deepEqual(
    [...page.matchAll(/^### (.*)/gm)].map(([, head]) => head),
    ['E: ping', 'A: rooms <& more>, per delivery', 'F: rooms'],
  );
  assert.match(page, /\| Hubbub 0\.1 \| 2\.50 \| 0\.25 \| 0 % \| 5,000 \|/);
  assert.match(page, /\| nchan 1 \| failed \|/);
  assert.match(page, /\n\n2026-01-02, a machine\.\n\n### F: rooms\n\nkept$/);
  assert.equal(details(page, [A], peers, runs, about), page);
  assert.ok(!page.includes('old'));
});

test('rows and peers are chosen by name, whatever its case; what does not exist is told with what does', () => {
  const { rows, peers, plan } = readOptions(['--rows', 'a', '--peers', 'hubbub', '--rounds', '5'], all);
  assert.deepEqual([rows, peers, plan.rounds], [[A], [{ name: 'Hubbub' }], 5]);
  assert.ok(readOptions([], all).plan.rounds >= 3);
  assert.throws(() => readOptions(['--rows', 'E,Q'], all), /no row is called q; there are E, A/);
  assert.throws(() => readOptions(['--peers', 'x'], all), /there are bare ws, Hubbub/);
  for (const rounds of ['0', '2.5', 'many', '51'])
    assert.throws(() => readOptions(['--rounds', rounds], all), /from 1 to 50/);
  assert.throws(() => readOptions(['--round', '3'], all), /--round/);
});

test('stored messages carry what the load generator checks, in its number of bytes', () => {
  const text = payload(21);
  assert.equal(text.length, PAYLOAD_BYTES);
  const { t, k, n } = JSON.parse(text);
  assert.deepEqual([String(t).length, k, n], [16, 1000, 100_000_021]);
});
