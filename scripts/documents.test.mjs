/** The documents: what they name is there. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { read } from './deployment.mjs';
import { ROOT } from './run-process.mjs';

const { CONFIG_KEYS } = await import(pathToFileURL(join(ROOT, 'dist/libs/config/src/index.js')));
const pages = [
  'README.md',
  'CONTRIBUTING.md',
  'bench/README.md',
  ...readdirSync(join(ROOT, 'docs'))
    .filter((file) => file.endsWith('.md'))
    .map((file) => `docs/${file}`),
];

/** The anchor of a heading, as GitHub makes it. */
const anchorOf = (heading) =>
  heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
    .replaceAll(' ', '-');

for (const page of pages) {
  const text = read(page);

  test(`${page}: links lead somewhere`, () => {
    for (const [, link] of text.matchAll(/\]\((?!https?:)([^)\s]+)\)/g)) {
      const [path, anchor] = link.split('#');
      const target = path === '' ? page : normalize(join(dirname(page), path));
      assert.ok(existsSync(join(ROOT, target)), link);
      if (anchor === undefined) continue;
      const headings = [...read(target).matchAll(/^#+ (.*)$/gm)].map(([, heading]) => anchorOf(heading));
      assert.ok(headings.includes(anchor), link);
    }
  });

  test(`${page}: keys and variables are those of the configuration`, () => {
    const groups = new Set(CONFIG_KEYS.flatMap(({ path }) => (path.length > 1 ? [path[0]] : [])));
    const names = new Set(CONFIG_KEYS.map(({ name }) => name));
    const variables = new Set(CONFIG_KEYS.map(({ variable }) => variable));
    for (const [, key, group] of text.matchAll(/`(([a-z]+)\.[a-z_]+(?:\.[a-z_]+)?)(?:: [^`]*)?`/g)) {
      const isFile = /\.(c|mjs|ts)$/.test(key);
      if (groups.has(group) && !isFile) assert.ok(names.has(key), key);
    }
    for (const [variable] of text.matchAll(/\bHUBBUB_[A-Z_]*[A-Z]\b/g)) {
      // Names of streams.
      if (!['HUBBUB_EVENTS', 'HUBBUB_DEAD_LETTERS'].includes(variable)) assert.ok(variables.has(variable), variable);
    }
  });
}

test('docs/architecture.md has every library, none before those it builds on', async () => {
  const { TABLE } = await import(pathToFileURL(join(ROOT, '.dependency-cruiser.mjs')));
  const rows = [...read('docs/architecture.md').matchAll(/^\| `(\w+)` \|/gm)].map(([, name]) => name);
  assert.deepEqual(rows.toSorted(), readdirSync(join(ROOT, 'libs')).toSorted());
  for (const [at, name] of rows.entries()) {
    const later = rows.slice(at + 1).filter((other) => TABLE[`libs/${name}`].includes(other));
    assert.deepEqual(later, [], `${name} may import what is below it`);
  }
});
