/** What the command line of `npm run growth` asks for. Pure: what is wrong is thrown in words. */
import { parseArgs } from 'node:util';
import { choose } from '../options.mjs';

/** Times in s. */
const FULL = {
  ...{ warmup: 2, secs: 2, idleSecs: 4, clusterSecs: 5, historySecs: 1, storm: 2000 },
  members: [10, 100, 1000, 3000, 10_000, 19_000, 50_000],
  rooms: [1, 1000, 10_000, 100_000],
  openRooms: [1000, 10_000, 100_000],
  memberships: [1, 8, 64, 128, 512],
  connections: [1000, 5000, 10_000, 19_000],
  nodes: [1, 2, 4, 8],
  online: [100, 3000, 10_000],
  followed: [100, 2000, 20_000],
  history: [1000, 10_000, 100_000, 1_000_000, 10_000_000],
};
const QUICK = {
  ...{ warmup: 0.3, secs: 1, idleSecs: 2, clusterSecs: 3, historySecs: 0.3, storm: 500 },
  members: [10, 1000],
  rooms: [1, 10_000],
  openRooms: [500, 5000],
  memberships: [1, 64],
  connections: [500, 3000],
  nodes: [1, 3],
  online: [100, 1000],
  followed: [100, 1000],
  history: [1000, 100_000],
};

/** @param parts there are @returns `parts` to measure, the `plan`, and the other options as they are @throws Error for a person */
export function readOptions(args, parts) {
  const { values } = parseArgs({
    args,
    options: {
      help: { type: 'boolean', short: 'h', default: false },
      quick: { type: 'boolean', default: false },
      keep: { type: 'boolean', default: false },
      again: { type: 'boolean', default: false },
      parts: { type: 'string' },
      sizes: { type: 'string' },
    },
  });
  if (values.again && !values.keep) throw new Error('--again goes with --keep');
  if (values.quick && values.keep) throw new Error('--keep with --quick: what is kept is measured in full');
  return {
    ...values,
    plan: onlySizes(values.quick ? QUICK : FULL, values.sizes),
    parts: choose('part', parts, ({ key }) => key, values.parts),
  };
}

/** The plan with those of its sizes that a comma-separated list names; all without a list. */
function onlySizes(plan, list) {
  if (list === undefined) return plan;
  const asked = list.split(',').map(Number);
  if (!asked.every((size) => size > 0)) throw new Error(`--sizes ${list}: numbers, such as 10,1000`);
  const some = (value) => (Array.isArray(value) ? value.filter((size) => asked.includes(size)) : value);
  return Object.fromEntries(Object.entries(plan).map(([key, value]) => [key, some(value)]));
}

export const helpText = (parts) => `npm run growth -- [options]
How the costs of Hubbub grow, and what npm run simulate reckons with. What the figures mean: docs/scaling.md

  --quick            few sizes, short: does it run?
  --parts nodes,rows only these
  --sizes 10,1000    only these sizes of what grows; with --keep the others stay as they are
  --keep             what was measured replaces that part of bench/growth/measured.json; docs/scaling.md and its charts follow
  --again            with --keep: the lower of each figure and of that which is kept, where other work on the machine comes and goes. Same code only

Parts
${parts.map(({ key, title }) => `  ${key.padEnd(18)} ${title}`).join('\n')}
`;
