/** `npm run simulate`: the nodes, bus and database that so many connections need. `--help` says how. */
import { readMeasured } from '../growth/measured.mjs';
import { markdown } from '../growth/table.mjs';
import { plan, sharedLimit } from './model.mjs';
import { HELP, readOptions } from './options.mjs';
import { writePage } from './page.mjs';
import { planCells, TERMS } from './result.mjs';
import { unitsOf } from './units.mjs';

try {
  const options = readOptions(process.argv.slice(2));
  if (options.help) console.log(HELP);
  else tell(options);
} catch (error) {
  console.error(`npm run simulate: ${error.message}\n--help says what there is`);
  process.exitCode = 1;
}

function tell({ mixes, connections, units: file, joined, json, write, capacity, settings }) {
  if (write) return writePage();
  const measured = readMeasured(file);
  const units = unitsOf(measured, joined ? 'joined' : 'alone');
  const found = Object.entries(mixes).map(([name, mix]) => ({
    ...{ name, mix, connections },
    ...plan(mix, connections, units, { capacity, settings }),
    sharedLimit: sharedLimit(mix, units, { capacity, settings }),
  }));
  if (json) return console.log(JSON.stringify({ units, capacity, settings, plans: found }, null, 2));
  const { cpu, node } = measured.nodes.machine;
  console.log(`${connections.toLocaleString('en')} connections; costs measured on ${cpu}, Node ${node}\n`);
  console.log(found.map(({ name, mix }) => `${name}: ${mix.title.replace(/^\w+: /, '')}`).join('\n'));
  console.log(`\n${markdown(planCells(found))}\n\n${TERMS}`);
}
