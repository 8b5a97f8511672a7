/** `npm run bench`: what Hubbub costs beside its peers, measured in the same run. `--help` says how, bench/README.md what. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { constants } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { buildIfStale } from '../scripts/build.mjs';
import { skipsFail } from '../scripts/counts.mjs';
import { ROOT } from '../scripts/run-process.mjs';
import { chart } from './chart.mjs';
import { canPin } from './cores.mjs';
import { details, fill, filledWith, IN_SHORT, summary } from './document.mjs';
import { guard } from './guard.mjs';
import { compileLoad } from './load.mjs';
import { describeMachine, maxOpenFiles } from './machine.mjs';
import { helpText, readOptions } from './options.mjs';
import { PEERS } from './peers/index.mjs';
import { ROWS } from './rows/index.mjs';
import { stopRunning } from './rows/work.mjs';
import { rotated } from './statistics.mjs';
import { LEGEND, table } from './table.mjs';

/** Of server or load, beside its connections. */
const OTHER_FILES = 100;
const ALL = { rows: ROWS, peers: PEERS };

for (const signal of ['SIGINT', 'SIGTERM'])
  process.once(signal, () => void stopRunning().finally(() => process.exit(128 + constants.signals[signal])));

try {
  const options = readOptions(process.argv.slice(2), ALL);
  if (options.help) console.log(helpText(ALL));
  else if (options.guard) process.exitCode = (await guardWhereItRuns()) ? 0 : 1;
  else tell(options.from === undefined ? await measure(options) : read(options.from), options);
} catch (error) {
  console.error(`npm run bench: ${error.message}\n--help says what there is`);
  process.exitCode = 1;
}

/** As a test without its server: where there is no load generator it is skipped, which fails where all is expected to be there. */
async function guardWhereItRuns() {
  try {
    compileLoad();
  } catch ({ message }) {
    console.log(`skipped: ${message}`);
    return !skipsFail();
  }
  if (!(await buildIfStale())) throw new Error('the build failed');
  return await guard();
}

/** @returns what is written to bench/results, too: `machine`, `plan`, `versions` of the peers, `rows`, and every single run */
async function measure({ rows: asked, peers, plan }) {
  compileLoad();
  if (!(await buildIfStale())) throw new Error('the build failed');
  if (!canPin)
    console.log('taskset or a second core is missing: server and load share cores, so the figures move more\n');
  const rows = asked.filter((row) => hasFilesFor(row, plan));
  const versions = Object.fromEntries(peers.map((peer) => [peer.name, peer.version()]));
  const present = peers.filter(({ name }) => versions[name] !== null);
  for (const { name, packages } of peers.filter((peer) => !present.includes(peer)))
    console.log(`${name} is not installed and left out (Debian: apt-get install ${packages})`);
  const run = {
    ...{ date: new Date().toISOString(), machine: describeMachine(), plan, versions },
    rows: rows.map(({ key, title, unit, figures, note }) => ({ key, title, unit, figures, note })),
    runs: [],
  };
  const file = join(ROOT, 'bench/results', `${run.date.replaceAll(':', '-').slice(0, 19)}.json`);
  for (let round = 1; round <= plan.rounds; round++)
    for (const [n, row] of rows.entries()) {
      for (const peer of rotated(present, round + n - 1))
        if (row.suits(peer))
          run.runs.push({ round, row: row.key, peer: peer.name, ...(await once(row, peer, plan, round)) });
      // After each row, so that who interrupts it keeps what there is: --from tells that.
      write(file, JSON.stringify(run, null, 1));
    }
  console.log(`Every run: ${relative(ROOT, file)}`);
  return run;
}

/** A run in which anything was lost, repeated or out of order, or a connection failed, is no figure but a failure. */
async function once(row, peer, plan, round) {
  process.stderr.write(`round ${round} of ${plan.rounds}: ${row.key} ${peer.name}\n`);
  const startedAt = performance.now();
  const result = await row.measure(peer, { ...plan, warmup: warmupOf(peer, plan) }).then(
    (figures) => ({ figures }),
    ({ message }) => ({ error: message }),
  );
  if (result.error !== undefined) console.error(`${row.key} ${peer.name}: ${result.error}`);
  return { ...result, took_s: Math.round((performance.now() - startedAt) / 100) / 10 };
}

/** Programs that come as packages are compiled already: only the others have a compiler that wants to see the work first. */
function warmupOf({ packages }, { warmup }) {
  return packages === undefined ? warmup : Math.min(warmup, 1);
}

function hasFilesFor({ key, connections }, plan) {
  const needed = (connections?.(plan) ?? 0) + OTHER_FILES;
  if (needed <= maxOpenFiles()) return true;
  console.log(`${key} is left out: it needs ${needed} open files, and \`ulimit -Hn\` is ${maxOpenFiles()}`);
  return false;
}

function read(file) {
  return JSON.parse(readFileSync(file, 'utf8'));
}

function write(file, content) {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, content);
}

function tell({ date, machine, plan, versions, rows: measured, runs }, { rows: asked, peers: askedPeers, document }) {
  const rows = measured.filter(({ key }) => asked.some((row) => row.key === key));
  const peers = askedPeers.map(({ name }) => name).filter((name) => typeof versions[name] === 'string');
  const { cpu, cores, memory_gib: memory, kernel, node } = machine;
  const foot = `${cpu}, ${cores} cores, ${memory} GiB; ${kernel}, Node ${node}; median of ${plan.rounds}`;
  console.log(
    `\n${foot}\n${peers.map((name) => `${name} ${versions[name]}`).join(', ')}\n\n${table(rows, peers, runs)}`,
  );
  for (const { key, note } of rows) if (note !== undefined) console.log(`${key}: ${note}`);
  console.log(LEGEND);
  if (document) writeDocuments(rows, peers, runs, { own: 'Hubbub', versions, foot, date: date.slice(0, 10) });

  const failed = runs.filter(({ error }) => error !== undefined);
  for (const { round, row, peer } of failed) console.log(`failed: ${row} ${peer} in round ${round}`);
  if (failed.length > 0) process.exitCode = 1;
}

/** The pages that show figures, and the chart in them, anew; what is around these stays as it is. */
function writeDocuments(rows, peers, runs, about) {
  const inShort = rows.filter(({ key }) => IN_SHORT.includes(key));
  if (inShort.length === IN_SHORT.length) {
    const image = 'docs/images/bench.svg';
    write(join(ROOT, image), chart(inShort, peers, runs, about));
    rewrite('README.md', 'summary', () => summary(inShort, peers, runs, { ...about, image }));
  }
  const order = ROWS.map(({ key }) => key);
  rewrite('docs/performance.md', 'details', (before) => details(before, rows, peers, runs, { ...about, order }));
}

/** @param contentOf given what stands at that place of the page now */
function rewrite(page, name, contentOf) {
  const file = join(ROOT, page);
  const text = readFileSync(file, 'utf8');
  write(file, fill(text, name, contentOf(filledWith(text, name))));
}
