/**
 * Every rule of .dependency-cruiser.mjs is broken once, in a small project with our folders, and must be named for exactly that
 * file: a rule that matches nothing would look as green as one that is kept.
 */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import configuration from '../.dependency-cruiser.mjs';
import { ROOT } from './run-process.mjs';

/** File → what it imports, and the rules that this breaks: more than one where one cannot be broken without the other. */
const BROKEN = {
  'libs/bus/src/table.ts': [`import '@hubbub/rooms';`, 'table: libs/bus'],
  'libs/bus/src/types.ts': [`import type { X } from '@hubbub/rooms'; export type Y = X;`, 'table: libs/bus'],
  'apps/gateway/src/table.ts': [`import '@hubbub/rooms';`, 'table: apps/gateway'],
  'libs/bus/src/table.spec.ts': [`import '@hubbub/rooms';`, 'table: tests of libs/bus'],
  'libs/rooms/src/socket.ts': [`import { WebSocket } from 'ws'; export { WebSocket };`, 'technology: ws'],
  'libs/rooms/src/rooms.service.ts': [
    `import { DataSource } from 'typeorm'; export { DataSource };`,
    'technology: sql',
  ],
  'libs/rooms/src/sqlite.ts': [`import Database from 'better-sqlite3'; export { Database };`, 'technology: sql'],
  'libs/rooms/src/nats.ts': [`import '@nats-io/transport-node';`, 'technology: nats'],
  'libs/rooms/src/redis.ts': [`import 'ioredis';`, 'technology: redis'],
  'libs/rooms/src/deep.ts': [
    `import '../../auth/src/inner.js';`,
    'library by its entry',
    'library by its name',
    'table: libs/rooms',
  ],
  'bench/deep.ts': [`import '../libs/auth/src/inner.js';`, 'library by its entry', 'library by its name'],
  'libs/rooms/src/relative.ts': [`import '../../auth/src/index.js';`, 'library by its name'],
  'libs/rooms/src/kit.ts': [`import '@hubbub/bus/testing';`, 'testing in tests only', 'table: libs/rooms'],
  'libs/testing/src/rooms.ts': [`import '@hubbub/rooms';`, 'the test kit as a package'],
  'libs/testing/src/contract.ts': [`import '@hubbub/bus/testing';`, 'the test kit as a package'],
  'libs/client/src/node.ts': [
    `import { readFileSync } from 'node:fs'; export { readFileSync };`,
    'no Node in a browser',
  ],
  'libs/client/src/file.ts': [`import './file-outbox.js';`, 'no entry for Node in a browser'],
  'libs/client/src/texts.ts': [`import '@hubbub/protocol/contract';`, 'no documents in a browser'],
  'libs/client/src/package.ts': [`import 'typeorm';`, 'no package in a browser', 'technology: sql'],
  'libs/auth/src/cycle-a.ts': [`import { b } from './cycle-b.js'; export const a = () => b;`, 'no cycle'],
  'libs/auth/src/dev.ts': [`import 'fast-check';`, 'installed with --omit=dev'],
  'libs/auth/src/unknown.ts': [`import './not-there.js';`, 'resolvable'],
};

const KEPT = {
  'libs/protocol/src/index.ts': `import Type from 'typebox'; export { Type };`,
  'libs/protocol/src/contract/index.ts': `import '../index.js';`,
  'libs/auth/src/index.ts': `import '@hubbub/bus'; import '@hubbub/protocol'; import '@hubbub/protocol/contract';`,
  'libs/auth/src/inner.ts': `export const inner = 1;`,
  'libs/auth/src/a.ts': `import type { B } from './b.js'; export class A { b?: B }`,
  'libs/auth/src/cycle-b.ts': `import { a } from './cycle-a.js'; export const b = () => a;`, // a cycle is named once
  'libs/auth/src/b.ts': `import { A } from './a.js'; export class B { a = new A() }`,
  'libs/bus/src/index.ts': `export const bus = 1;`,
  'libs/bus/src/testing/index.ts': `export const contract = 1;`,
  'libs/client/src/file-outbox.ts': `import { open } from 'node:fs'; export { open };`,
  'libs/client/src/indexed-db-outbox.ts': `export const store = 1;`,
  'libs/hubbub/src/index.ts': `export const hubbub = 1;`,
  'libs/rooms/src/index.ts': `import '@hubbub/auth'; export interface X { a: 1 }`,
  'libs/rooms/src/room.entity.ts': `import { Entity } from 'typeorm'; export { Entity };`,
  'libs/rooms/src/sqlite-room.store.ts': `import 'better-sqlite3'; import '@hubbub/storage';`,
  'libs/rooms/src/rooms.ts': `import type { EntityManager } from 'typeorm'; export type M = EntityManager;`,
  'libs/rooms/src/rooms.spec.ts': `import '@hubbub/bus/testing'; import '@hubbub/testing'; import 'fast-check'; import 'ws';`,
  'libs/storage/src/index.ts': `import 'typeorm';`,
  'libs/testing/src/index.ts': `import 'ws'; import '@hubbub/hubbub';`,
  'libs/transport/src/index.ts': `import 'ws'; import 'node:http';`,
  'apps/chat/src/main.ts': `import 'ws'; import '@hubbub/protocol'; import '@hubbub/client/file';`,
  'apps/web/src/main.ts': `import '@hubbub/client/indexed-db';`,
  'bench/soak.ts': `import '@hubbub/testing'; import '@hubbub/rooms'; import 'ws';`,
};

let folder;
/** Which rules each file broke. */
const found = new Map();

before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'hubbub-imports-'));
  for (const [file, text] of [
    ...Object.entries(KEPT),
    ...Object.entries(BROKEN).map(([file, [code]]) => [file, code]),
  ]) {
    mkdirSync(join(folder, dirname(file)), { recursive: true });
    writeFileSync(join(folder, file), text);
  }
  for (const file of ['package.json', 'tsconfig.json']) cpSync(join(ROOT, file), join(folder, file));
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'), 'junction');
  const depcruise = join(ROOT, 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs');
  const args = [
    depcruise,
    '--config',
    join(ROOT, '.dependency-cruiser.mjs'),
    '--output-type',
    'json',
    'libs',
    'apps',
    'bench',
  ];
  const report = await new Promise((done) =>
    execFile(process.execPath, args, { cwd: folder, maxBuffer: 64 << 20 }, (_error, stdout) =>
      done(JSON.parse(stdout)),
    ),
  );
  for (const { from, rule } of report.summary.violations)
    found.set(from, (found.get(from) ?? new Set()).add(rule.name));
});

after(() => rmSync(folder, { recursive: true, force: true }));

for (const [file, [code, ...rules]] of Object.entries(BROKEN)) {
  test(`${file}: ${code} breaks ${rules.join(', ')}`, () => {
    // Whether an outside package happens to be installed is not the point here.
    const broken = [...(found.get(file) ?? [])].filter((rule) => rule !== 'resolvable' || rules.includes(rule));
    assert.deepEqual(broken.sort(), rules.toSorted());
  });
}

test('imports that the table allows are left alone', () => {
  assert.deepEqual(
    Object.keys(KEPT)
      .filter((file) => found.has(file))
      .map((file) => [file, ...found.get(file)]),
    [],
  );
});

test('every kind of rule is broken by an example', () => {
  const examples = new Set(Object.values(BROKEN).flatMap(([, ...rules]) => rules.map(kind)));
  assert.deepEqual(
    configuration.forbidden.map(({ name }) => kind(name)).filter((name) => !examples.has(name)),
    [],
  );
});

/** The rows of the table are one rule with different names in it. */
function kind(rule) {
  return rule.replace(/(libs|apps)\/.*/, '…');
}
