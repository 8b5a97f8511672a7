/** docs/coverage.md: every row names a test, and there is a test of that title. */
import assert from 'node:assert/strict';
import { dirname, join, normalize } from 'node:path';
import { describe, test } from 'node:test';
import { read } from './deployment.mjs';
import { titlesOf } from './titles.mjs';

const PAGE = 'docs/coverage.md';
/** What the runners look for, and the contracts that their suites call. */
const IS_TEST = /(\.(spec|e2e-spec|browser-spec|contract)\.ts|\.test\.mjs)$/;
/** A link, and the titles behind it. */
const CITATION = /\[[^\]]+\]\(([^)]+)\)((?:,? “[^”]+”)+)/g;

const parsed = new Map();
function titlesIn(file) {
  if (!parsed.has(file)) parsed.set(file, titlesOf(read(file)));
  return parsed.get(file);
}

/** The rows of all tables of a page but their headings, each with what is wrong with it. */
function faultsOf(page) {
  const rows = [...page.matchAll(/^\|(?! ---)(.*)\|$(?!\n\| ---)/gm)].map(([, cells]) => cells.trim());
  return rows.map((row) => ({ row, faults: faultsOfRow(row) }));
}

function faultsOfRow(row) {
  const cited = [...row.matchAll(CITATION)];
  if (cited.length === 0) return ['names no test'];
  if (row.replaceAll(CITATION, '').includes('“')) return ['has a title without its file'];
  return cited.flatMap(([, link, quoted]) => {
    const file = normalize(join(dirname(PAGE), link));
    if (!IS_TEST.test(file)) return [`${file} is no test`];
    const titles = titlesIn(file);
    const named = [...quoted.matchAll(/“([^”]+)”/g)].map(([, title]) => title.replaceAll('\\<', '<'));
    return named.filter((title) => !titles.has(title)).map((title) => `${file} has no test “${title}”`);
  });
}

const rows = faultsOf(read(PAGE));

test('the page has the rows of all four systems', () => {
  const numbers = new Set(rows.flatMap(({ row }) => row.match(/^\d+(?= \|)/) ?? []).map(Number));
  assert.deepEqual(
    [...numbers].sort((a, b) => a - b),
    Array.from({ length: 15 }, (_, at) => at + 1),
  );
  for (const name of ['GoHub', 'Nexus', 'gochat', 'relay']) assert.match(read(PAGE), new RegExp(`^## ${name}$`, 'm'));
});

describe('every row is shown by a test that is there', () => {
  for (const { row, faults } of rows) test(row.split(' | ').slice(0, 2).join(': '), () => assert.deepEqual(faults, []));
});

describe('a row', () => {
  const HERE = '[here](../scripts/coverage.test.mjs)';
  const found = (row) => faultsOf(`| a | b |\n| --- | --- |\n| x | ${row} |\n`).flatMap(({ faults }) => faults);

  test('may name tests of one title or of a table of them', () => {
    assert.deepEqual(found(`${HERE} “may name tests of one title or of a table of them”`), []);
    assert.deepEqual(
      titlesOf(`it.each([1])('counts %i of $all', f); it(\`has \${n}\`, f); it('80 %s', f); it.skip('not', f)`),
      new Set(['counts … of …', 'has …', '80 %s']),
    );
  });

  test('without a test, with another title, or with that of a group, is found out', () => {
    assert.deepEqual(found('later'), ['names no test']);
    assert.deepEqual(found('“no file”'), ['names no test']);
    assert.deepEqual(found(`${HERE} “a row” and “no file”`), ['has a title without its file']);
    assert.deepEqual(found(`${HERE} “a row”`), ['scripts/coverage.test.mjs has no test “a row”']);
    assert.deepEqual(found('[page](../README.md) “a row”'), ['README.md is no test']);
  });
});
