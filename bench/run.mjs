/**
 * `npm run bench`: what Hubbub costs beside bare `ws` and Nest's own WsAdapter, measured in the same run. See bench/README.md.
 *
 *     npm run bench -- [--quick] [--rounds N] [--rows A1,E] [--peers 'bare ws,Hubbub'] [--check]
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { buildIfStale } from '../scripts/build.mjs';
import { ROOT } from '../scripts/run-process.mjs';
import { canPin } from './cores.mjs';
import { compileLoad } from './load.mjs';
import { PEERS } from './peers.mjs';
import { makeRows } from './rows.mjs';
import { medians, printTable, worseThan } from './table.mjs';

const FULL = { rounds: 3, warmup: 2, secs: 4, idle: [4000, 12_000], hold: 3 };
const QUICK = { rounds: 1, warmup: 1, secs: 2, idle: [1000, 4000], hold: 1 };
/** A run with a lost connection or delivery says nothing, and is made again this often. */
const ATTEMPTS = 3;

const { values: options } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    check: { type: 'boolean', default: false },
    rounds: { type: 'string' },
    rows: { type: 'string' },
    peers: { type: 'string' },
  },
});
const plan = {
  ...(options.quick ? QUICK : FULL),
  ...(options.rounds === undefined ? {} : { rounds: Number(options.rounds) }),
};
const peers = PEERS.filter(({ name }) => options.peers === undefined || options.peers.split(',').includes(name));
const keys = options.rows?.toUpperCase().split(',');
const rows = makeRows(plan).filter(({ key }) => keys === undefined || keys.includes(key));

try {
  compileLoad();
} catch (error) {
  console.error(`npm run bench: ${error.message}`);
  process.exit(1);
}
if (!(await buildIfStale())) process.exit(1);
if (!canPin)
  console.log(
    'taskset or a second core is missing: server and load share cores, so the figures move more than usual\n',
  );

const results = await measureAll();
printTable(rows, peers, results);
mkdirSync(join(ROOT, 'bench/results'), { recursive: true });
const file = `bench/results/${new Date().toISOString().replaceAll(':', '-').slice(0, 19)}.json`;
writeFileSync(join(ROOT, file), JSON.stringify({ node: process.version, plan, results }, null, 2));
console.log(`\nEvery run: ${file}`);

const missing = rows.some(({ key }) => peers.some(({ name }) => medians(results, key, name) === null));
const worse = worseThan(rows, results, 'Hubbub', 'Nest WsAdapter');
for (const line of worse) console.log(`worse than Nest's WsAdapter beyond noise: ${line}`);
if (missing || (options.check && worse.length > 0)) process.exitCode = 1;

/** Rounds are interleaved, so that a busy minute of the machine does not fall on one peer. @returns runs as `{ row, peer, figures }` */
async function measureAll() {
  const runs = [];
  for (let round = 1; round <= plan.rounds; round++) {
    for (const row of rows) {
      for (const peer of peers) {
        process.stderr.write(`round ${round} of ${plan.rounds}: ${row.key} ${peer.name}\n`);
        const figures = await measure(row, peer);
        if (figures !== null) runs.push({ row: row.key, peer: peer.name, figures });
      }
    }
  }
  return runs;
}

async function measure(row, peer) {
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    try {
      return await row.measure(peer);
    } catch (error) {
      console.error(`${row.key} ${peer.name}, attempt ${attempt}: ${error.message}`);
    }
  }
  return null;
}
