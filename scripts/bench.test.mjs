/** The benchmark, but for what it measures: options, statistics, table, verdict and chart. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { chart } from '../bench/chart.mjs';
import { readOptions } from '../bench/options.mjs';
import { PAYLOAD_BYTES, payload } from '../bench/payload.mjs';
import { median, medians, rotated, spread } from '../bench/statistics.mjs';
import { table, worseThan } from '../bench/table.mjs';

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

test('a cost is called worse when its median is above the other beyond noise', () => {
  const verdict = (mine) =>
    worseThan([E], [...runsOf('E', 'Hubbub', mine), ...runsOf('E', 'Nest', [20, 21, 90])], 'Hubbub', 'Nest').length;
  assert.deepEqual(
    [
      [24, 1, 24],
      [25, 1, 25],
      [1, 500, 1],
    ].map(verdict),
    [0, 1, 0],
  );
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

test('the chart is well-formed SVG: a panel for a row in which peers can be compared, and in it a bar for each', () => {
  const runs = [...runsOf('A', 'bare ws', [10]), ...runsOf('A', 'Hubbub', [2.5]), failed('A', 'nchan')];
  const alone = runsOf('E', 'Hubbub', [7]);
  const svg = chart([E, A], ['bare ws', 'Hubbub', 'nchan', 'absent'], [...runs, ...alone], {
    own: 'Hubbub',
    foot: 'a <machine>',
  });
  const open = [];
  for (const [, closing, name, own] of svg.matchAll(/<(\/?)(\w+)[^>]*?(\/?)>/g)) {
    if (closing === '') open.push(name);
    if (closing !== '' || own !== '') assert.equal(open.pop(), name);
  }
  assert.deepEqual(open, []);
  const widths = [...svg.matchAll(/<rect [^>]*width="(\d+)"[^>]*class="(\w+)"/g)].map(([, width, kind]) => [
    kind,
    +width,
  ]);
  assert.deepEqual(widths, [
    ['peer', 200],
    ['own', 50],
    ['peer', 0],
  ]);
  for (const part of [
    'rooms &lt;&amp; more&gt;',
    '2.50 µs · 0.25 ×',
    'failed',
    'a &lt;machine&gt;',
    'prefers-color-scheme: dark',
  ])
    assert.ok(svg.includes(part), part);
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
