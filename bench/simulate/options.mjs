/** What the command line of `npm run simulate` asks for. Pure but for the files it names: what is wrong is thrown in words. */
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { checkMix, MIXES } from './mixes.mjs';
import { CAPACITY, SETTINGS } from './model.mjs';

const SCALES = { '': 1, k: 1e3, m: 1e6 };
const MOST_CONNECTIONS = 1e9;

/** Options that set a number of CAPACITY or SETTINGS: `[option, group, key, what it is]`. */
const NUMBERS = [
  ['share', 'capacity', 'share', 'of a core or a network that is used at the most'],
  ['node-memory', 'capacity', 'nodeMemoryGib', 'GiB of a node'],
  ['node-connections', 'capacity', 'nodeConnections', 'connections of a node: server.max_connections'],
  ['node-gbit', 'capacity', 'nodeGbit', 'Gbit/s of a node'],
  ['bus-cores', 'capacity', 'busCores', 'cores of the bus'],
  ['bus-gbit', 'capacity', 'busGbit', 'Gbit/s of the bus'],
  ['database-cores', 'capacity', 'databaseCores', 'cores of the database'],
  ['repair-s', 'settings', 'repairS', 'cluster.repair_ms, in s'],
  ['coalesce-s', 'settings', 'coalesceS', 'presence.coalesce_ms, in s'],
  ['told-per-s', 'settings', 'toldPerS', 'connections that a node tells of one room’s presence in a second'],
  ['heartbeat-s', 'settings', 'heartbeatS', 'heartbeat.interval_ms, in s'],
];

/** @throws Error for a person, when something is not understood */
export function readOptions(args) {
  const flags = { type: 'boolean', default: false };
  const { values } = parseArgs({
    args,
    options: {
      help: { ...flags, short: 'h' },
      json: flags,
      write: flags,
      joined: flags,
      connections: { type: 'string', default: '1M' },
      mix: { type: 'string' },
      mixes: { type: 'string' },
      units: { type: 'string' },
      ...Object.fromEntries(NUMBERS.map(([name]) => [name, { type: 'string' }])),
    },
  });
  const set = { capacity: { ...CAPACITY }, settings: { ...SETTINGS } };
  for (const [name, group, key] of NUMBERS)
    if (values[name] !== undefined) set[group][key] = positive(`--${name}`, values[name]);
  if (set.capacity.share > 1) throw new Error('--share: a number above 0, 1 at the most');
  return {
    ...values,
    ...set,
    connections: connectionsOf(values.connections),
    mixes: choose(values.mixes === undefined ? MIXES : readMixes(values.mixes), values.mix),
  };
}

function connectionsOf(text) {
  const [, number, unit = ''] = /^(\d+(?:\.\d+)?)([kKmM]?)$/.exec(text) ?? [];
  const count = Math.round(Number(number) * SCALES[unit.toLowerCase()]);
  if (!(count >= 1 && count <= MOST_CONNECTIONS)) throw new Error(`--connections ${text}: such as 5000, 200k or 1.5M`);
  return count;
}

function positive(name, text) {
  const value = Number(text);
  if (!(value > 0 && Number.isFinite(value))) throw new Error(`${name} ${text}: a number above 0`);
  return value;
}

function readMixes(file) {
  const mixes = JSON.parse(readFileSync(file, 'utf8'));
  return Object.fromEntries(Object.entries(mixes).map(([name, mix]) => [name, checkMix(mix, name)]));
}

function choose(mixes, list) {
  if (list === undefined) return mixes;
  const asked = list.split(',').map((name) => name.trim());
  const unknown = asked.filter((name) => mixes[name] === undefined);
  if (unknown.length > 0)
    throw new Error(`no mix is called ${unknown.join(' or ')}; there are ${Object.keys(mixes).join(', ')}`);
  return Object.fromEntries(asked.map((name) => [name, mixes[name]]));
}

export const HELP = `npm run simulate -- [options]
What so many connections need: nodes, bus and database, from what each single thing was measured to cost. docs/scaling.md says how and how well.

  --connections 1M   how many; also 5000, 200k
  --mix chat,event   only these: ${Object.keys(MIXES).join(', ')}
  --mixes FILE       mixes of your own, as in bench/simulate/mixes.mjs, in JSON
  --units FILE       costs measured on your machine: npm run growth -- --keep writes bench/growth/measured.json
  --joined           with costs as they are under full load, where much is joined: the least it can take
  --json             all figures, for programs
  --write            writes the measured and reckoned part of docs/scaling.md, and its chart

${NUMBERS.map(([name, group, key, what]) => `  --${name.padEnd(17)}${what} (${{ capacity: CAPACITY, settings: SETTINGS }[group][key]})`).join('\n')}
`;
