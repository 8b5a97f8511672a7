/** `npm run docs`: writes the tables of docs/protocol.md anew, from the schemas and texts of the code. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { buildIfStale } from './build.mjs';
import { ROOT } from './run-process.mjs';

const FILE = join(ROOT, 'docs/protocol.md');
const load = (file) => import(pathToFileURL(join(ROOT, 'dist/libs', file)));

if (await buildIfStale()) {
  const { fillProtocolPage } = await load('hubbub/src/contract/protocol-page.js');
  const { catalogueOf } = await load('protocol/src/contract/index.js');
  const before = readFileSync(FILE, 'utf8');
  const after = fillProtocolPage(before, catalogueOf());
  if (after !== before) writeFileSync(FILE, after);
  console.log(after === before ? 'docs/protocol.md is up to date' : 'docs/protocol.md was written');
} else {
  process.exitCode = 1;
}
