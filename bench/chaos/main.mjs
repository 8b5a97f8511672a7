/**
 * `npm run chaos`: a cluster of gateway processes, people who talk in its rooms, and what can go wrong in the middle of it. At the
 * end of each case everybody's messages are compared with the log. Prints a table; exits with 1 if anything is wrong.
 *
 *     npm run chaos -- --cases kill,nats-stop --seconds 10     a part
 *     npm run chaos -- --nodes 1 --bus none --cases kill       one gateway alone
 *     npm run chaos -- --database mariadb --cases calm,keys    cases that are about no database, on another one
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { buildIfStale } from '../../scripts/build.mjs';
import { CASES } from './cases.mjs';
import { Servers } from './servers.mjs';
import { heading, line } from './table.mjs';
import { World } from './world.mjs';

const text = (fallback) => ({ type: 'string', default: fallback });
const { values } = parseArgs({
  options: {
    cases: text(Object.keys(CASES).join()),
    seconds: text('15'),
    nodes: text('3'),
    people: text('300'),
    rooms: text('30'),
    rate: text('4'),
    times: text('1'),
    bus: text(''),
    database: text(''),
  },
});
const names = values.cases.split(',');
const unknown = names.filter((name) => !(name in CASES));
if (unknown.length > 0) {
  console.error(`there is no case ${unknown.join(', ')}; there are ${Object.keys(CASES).join(', ')}`);
  process.exit(2);
}
const number = (name) => Number(values[name]);
const size = { nodes: number('nodes'), people: number('people'), rooms: number('rooms'), rate: number('rate') };
/** A case that has not ended by then never will, in s. */
const LIMIT_S = number('seconds') * 3 + 180;

const servers = new Servers();
let world;
let ending;

/** Ends every process of this run, once. */
function end() {
  ending ??= (async () => {
    await world?.end().catch((error) => console.error(error.message));
    await servers.stop();
  })();
  return ending;
}
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.on(signal, () => void end().then(() => process.exit(130)));
}

async function runCase(chosen) {
  const { run, fault, program, imports, patienceMs } = chosen;
  const bus = values.bus === 'none' ? undefined : values.bus || chosen.bus;
  await world.start({ bus, database: values.database || chosen.database, program, imports });
  const ms = number('seconds') * 1000;
  if (run) return { ...(await run(world, ms)), faults: world.faults };
  await world.fill(patienceMs);
  return world.endure(fault, ms);
}

async function withLimit(work) {
  const timer = new AbortController();
  const late = sleep(LIMIT_S * 1000, undefined, { signal: timer.signal }).then(() => {
    throw new Error(`did not end within ${LIMIT_S} s`);
  });
  late.catch(() => {});
  try {
    return await Promise.race([work, late]);
  } finally {
    timer.abort();
  }
}

/** What the gateways complained about, the last lines of each. */
function complaints() {
  return world.nodes.flatMap(({ name, log }) => {
    const lines = readFileSync(log, 'utf8').trim().split('\n').filter(Boolean);
    return lines.slice(-6).map((one) => `    ${name}: ${one.slice(0, 400)}`);
  });
}

if (!(await buildIfStale())) process.exit(1);
console.log(heading());
let failures = 0;
try {
  for (let time = 0; time < number('times'); time++) {
    for (const name of names) {
      const folder = mkdtempSync(join(tmpdir(), 'hubbub-chaos-'));
      world = new World({ servers, folder, size });
      const row = await withLimit(runCase(CASES[name])).catch((error) => ({
        faults: [...world.faults, error.stack ?? String(error)],
      }));
      if (ending) break;
      await world.end();
      const isRight = row.faults.length === 0 && !row.lost && !row.repeated && !row.reordered;
      console.log(line(CASES[name].title, row));
      if (!isRight) {
        failures++;
        for (const fault of row.faults.slice(0, 10)) console.log(`  ! ${fault}`);
        if (row.errors?.size)
          console.log(`  said: ${[...row.errors].map(([what, count]) => `${what} ${count}`).join(', ')}`);
        console.log(complaints().join('\n'));
      }
      world = undefined;
      rmSync(folder, { recursive: true, force: true });
    }
  }
} finally {
  await end();
}
console.log(failures === 0 ? 'nothing was lost, repeated or reordered' : `${failures} of the cases went wrong`);
process.exit(failures === 0 ? 0 : 1);
