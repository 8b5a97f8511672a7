/** `npm run growth`: how costs grow with what there is more of. `--help` says how, docs/scaling.md what. */
import { constants } from 'node:os';
import { buildIfStale } from '../../scripts/build.mjs';
import { compileLoad } from '../load.mjs';
import { describeMachine } from '../machine.mjs';
import { stopRunning } from '../rows/work.mjs';
import { writePage } from '../simulate/page.mjs';
import { closeAll, goOn } from './closing.mjs';
import { keep, keepPoint } from './measured.mjs';
import { helpText, readOptions } from './options.mjs';
import { PARTS } from './parts/index.mjs';
import { cells, markdown } from './table.mjs';

for (const signal of ['SIGINT', 'SIGTERM'])
  process.once(
    signal,
    () => void Promise.all([stopRunning(), closeAll()]).finally(() => process.exit(128 + constants.signals[signal])),
  );

try {
  const options = readOptions(process.argv.slice(2), PARTS);
  if (options.help) console.log(helpText(PARTS));
  else await measureAll(options);
} catch (error) {
  console.error(`npm run growth: ${error.message}\n--help says what there is`);
  process.exitCode = 1;
}

async function measureAll({ parts, plan, sizes, keep: isKept, again }) {
  compileLoad();
  if (!(await buildIfStale())) throw new Error('the build failed');
  for (const part of parts) {
    goOn();
    const measured = await measure(part, plan, (point, described) => {
      if (!isKept) return;
      keepPoint(described, point, again);
      writePage();
    });
    console.log(`\n${part.title}\n\n${markdown(cells(measured))}`);
    const failed = measured.points.filter(({ error }) => error !== undefined);
    for (const { x, error } of failed) console.log(`failed at ${x}: ${error}`);
    for (const { x, leftOut } of measured.points) if (leftOut !== undefined) console.log(`${x} left out: ${leftOut}`);
    if (failed.length > 0) process.exitCode = 1;
    else if (isKept) {
      // Point by point they were kept already; so go those of sizes that are no more.
      if (sizes === undefined) keep(measured, again);
      writePage();
    }
  }
}

/**
 * @param onPoint called with each point, and the part without any
 * @returns the part as it is kept: what it is, when and where it was measured, and its points
 */
async function measure({ measure: pointsOf, ...part }, plan, onPoint) {
  const described = { ...part, date: new Date().toISOString().slice(0, 10), machine: describeMachine() };
  const points = [];
  process.stderr.write(`${part.key}\n`);
  try {
    for await (const point of pointsOf(plan)) {
      process.stderr.write(`${part.key} ${point.x}\n`);
      points.push(point);
      onPoint(point, described);
    }
  } catch (error) {
    // A run in which anything was lost, repeated or out of order is no figure but a failure.
    points.push({ x: 'the next', error: error.message });
  } finally {
    await stopRunning();
  }
  return { ...described, points };
}
