/** The tables, the chart and the options of `npm run growth`. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lineChart } from '../bench/growth/line-chart.mjs';
import { lower } from '../bench/growth/measured.mjs';
import { readOptions } from '../bench/growth/options.mjs';
import { cells, growthOf } from '../bench/growth/table.mjs';

test('how a figure grew is told beside how it has to', () => {
  const fromNothing = [
    [1, 0],
    [10, 2.5],
  ];
  assert.equal(growthOf(fromNothing, 'flat'), '–');
  assert.equal(
    growthOf(
      [
        [1, 10],
        [1000, 12],
      ],
      'flat',
    ),
    '1.2 ×',
  );
  assert.equal(
    growthOf(
      [
        [1, 10],
        [1000, 30],
      ],
      'flat',
    ),
    '3.0 ×, not flat',
  );
  assert.equal(
    growthOf(
      [
        [0, 10],
        [10, 30],
        [100, 210],
      ],
      'linear',
    ),
    '2.00 each',
  );
  assert.equal(
    growthOf(
      [
        [0, 0],
        [10, 10],
        [20, 60],
      ],
      'linear',
    ),
    '3.00 each, steeper at the end',
  );
});

test('a size that this machine cannot hold has no figure, in table and chart', () => {
  const part = {
    ...{ title: 'People', x: 'people', figures: { us: { title: 'each', unit: 'µs', grows: 'flat' } } },
    points: [
      { x: 10, figures: { us: 4 } },
      { x: 1000, figures: { us: 5 } },
      { x: 1e6, leftOut: 'files' },
    ],
  };
  assert.deepEqual(
    cells(part).map((line) => line.join('|')),
    ['people|each, µs', '10|4.00', '1,000|5.00', '1,000,000|–', 'grows|1.3 ×'],
  );
  assert.equal([...lineChart([part]).matchAll(/class="line s0"/g)].length, 2);
});

test('of two runs the lower of each figure is kept, and what only the later has', () => {
  assert.deepEqual(
    lower({ x: 1, figures: { us: 5, kb: 7, gone: 1 } }, { x: 1, figures: { us: 6, kb: 4, none: null, more: 3 } }),
    {
      x: 1,
      figures: { us: 5, kb: 4, none: null, more: 3 },
    },
  );
});

test('options that do not go together, or are not understood, are told in words', () => {
  assert.throws(() => readOptions(['--quick', '--keep'], []), /--keep with --quick/);
  assert.deepEqual(readOptions(['--sizes', '1000,4'], []).plan.nodes, [4]);
  assert.throws(() => readOptions(['--sizes', 'all'], []), /--sizes all: numbers/);
});
