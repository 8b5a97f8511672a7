/** When `npm start` builds, and what a runner of tests adds up to. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, unlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { addCounts, skipsFail, sumCounts } from './counts.mjs';
import { fingerprint, isFresh, writeStamp } from './freshness.mjs';

let root;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'hubbub-build-'));
  for (const folder of ['apps/gateway/src', 'libs/rooms/src', 'dist'])
    mkdirSync(join(root, folder), { recursive: true });
  write('apps/gateway/src/main.ts', 'main');
  write('libs/rooms/src/index.ts', 'index');
  write('tsconfig.json', '{}');
});
afterEach(() => rmSync(root, { recursive: true, force: true }));
const write = (file, text) => writeFileSync(join(root, file), text);

test('a clone that was never built, and a build that failed, are not fresh', () => {
  assert.equal(isFresh(root), false);
});

test('a build is fresh until a source or a configuration changes, is added or is removed', () => {
  const built = () => writeStamp(root, fingerprint(root));
  const changes = {
    edited: () => write('libs/rooms/src/index.ts', 'edited'),
    added: () => write('libs/rooms/src/room.ts', ''),
    removed: () => unlinkSync(join(root, 'libs/rooms/src/room.ts')),
    configured: () => write('tsconfig.json', '{"compilerOptions":{}}'),
  };
  for (const [change, make] of Object.entries(changes)) {
    built();
    assert.equal(isFresh(root), true, `before: ${change}`);
    make();
    assert.equal(isFresh(root), false, change);
  }
});

test('neither a test nor the time of a file makes a build old', () => {
  writeStamp(root, fingerprint(root));
  write('libs/rooms/src/room.spec.ts', '');
  utimesSync(join(root, 'apps/gateway/src/main.ts'), new Date(), new Date());
  assert.equal(isFresh(root), true);
});

test('an edit during the build makes it old', () => {
  const sources = fingerprint(root);
  write('apps/gateway/src/main.ts', 'edited meanwhile');
  writeStamp(root, sources);
  assert.equal(isFresh(root), false);
});

test('the last line is the sum of what the runners counted, and nothing counted is no success', () => {
  const file = join(root, 'counts');
  assert.deepEqual(sumCounts(file), { passed: 0, failed: 0, skipped: 0 });
  addCounts({ passed: 120, failed: 0, skipped: 1 }, file);
  addCounts({ passed: 3, failed: 2, skipped: 0 }, file);
  assert.deepEqual(sumCounts(file), { passed: 123, failed: 2, skipped: 1 });
});

test('skips fail where CI is set, and nowhere else', () => {
  assert.deepEqual(
    ['true', '1', 'false', '0', '', undefined].map((CI) => skipsFail({ CI })),
    [true, true, false, false, false, false],
  );
});
