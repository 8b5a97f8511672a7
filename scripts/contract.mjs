/**
 * `npm run contract:check`: names what the code breaks of the contract of the last release, and fails if it breaks anything.
 * `npm run contract:release`: writes that contract anew. Breaks pass only with a version that may bring them: a higher major
 * number or, before 1.0, a higher minor one. `--file` names another file than libs/protocol/contract.json.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { buildIfStale } from './build.mjs';
import { ROOT } from './run-process.mjs';

const { values, positionals } = parseArgs({ options: { file: { type: 'string' } }, allowPositionals: true });
const file = values.file ?? join(ROOT, 'libs/protocol/contract.json');
const [task] = positionals;
if (task !== 'check' && task !== 'release') {
  console.error('usage: node scripts/contract.mjs check|release [--file FILE]');
  process.exit(2);
}
process.exitCode = (await buildIfStale()) ? await run() : 1;

async function run() {
  const entry = join(ROOT, 'dist/libs/protocol/src/contract/index.js');
  const { catalogueOf, compareContracts, contractOf, mayBreak } = await import(pathToFileURL(entry));
  const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  const contract = contractOf(catalogueOf());
  const released = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : { version, contract };

  const findings = compareContracts(released.contract, contract);
  for (const { name, what } of findings) console.log(`${name}: ${what}`);
  const summary = `${findings.length} breaking change${findings.length === 1 ? '' : 's'} since ${released.version}`;
  if (findings.length > 0 && !mayBreak(released.version, version)) {
    console.error(`${summary}, which version ${version} may not bring`);
    return 1;
  }
  console.log(summary);
  if (task === 'release') {
    writeFileSync(file, `${JSON.stringify({ version, contract }, null, 2)}\n`);
    console.log(`the contract of ${version} was written`);
  }
  return 0;
}
