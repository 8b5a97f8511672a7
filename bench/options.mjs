/** What the command line of `npm run bench` asks for. Pure: what is wrong is thrown in words. */
import { parseArgs } from 'node:util';

/** Times in s; `idle`: two numbers of connections; `storm`: how many come back at once. */
const FULL = { rounds: 3, warmup: 3, secs: 3, idle: [2000, 10_000], hold: 2, storm: 5000 };
const QUICK = { rounds: 1, warmup: 2, secs: 1.5, idle: [500, 3000], hold: 0.5, storm: 1000 };
const MAX_ROUNDS = 50;

/**
 * @param args of the command line
 * @param all `rows` and `peers` there are
 * @returns `rows` and `peers` to measure, the `plan`, and the other options as they are
 * @throws Error for a person, when something is not understood
 */
export function readOptions(args, all) {
  const { values } = parseArgs({
    args,
    options: {
      help: { type: 'boolean', short: 'h', default: false },
      quick: { type: 'boolean', default: false },
      guard: { type: 'boolean', default: false },
      rounds: { type: 'string' },
      rows: { type: 'string' },
      peers: { type: 'string' },
      from: { type: 'string' },
      document: { type: 'boolean', default: false },
    },
  });
  const plan = { ...(values.quick ? QUICK : FULL) };
  if (values.rounds !== undefined) plan.rounds = roundsOf(values.rounds);
  return {
    ...values,
    plan,
    rows: choose('row', all.rows, ({ key }) => key, values.rows),
    peers: choose('peer', all.peers, ({ name }) => name, values.peers),
  };
}

function roundsOf(text) {
  const rounds = Number(text);
  if (!Number.isInteger(rounds) || rounds < 1 || rounds > MAX_ROUNDS)
    throw new Error(`--rounds ${text}: a whole number from 1 to ${MAX_ROUNDS}`);
  return rounds;
}

/** Those that a comma-separated list names, whatever their case; all without a list. In the order they have anyway. */
export function choose(what, all, nameOf, list) {
  if (list === undefined) return all;
  const asked = list.split(',').map((name) => name.trim().toLowerCase());
  const names = all.map((each) => nameOf(each).toLowerCase());
  const unknown = asked.filter((name) => !names.includes(name));
  if (unknown.length > 0)
    throw new Error(`no ${what} is called ${unknown.join(' or ')}; there are ${all.map(nameOf).join(', ')}`);
  return all.filter((_, n) => asked.includes(names[n]));
}

/** @param all `rows` and `peers` there are */
export const helpText = ({ rows, peers }) => `npm run bench -- [options]
Hubbub beside its peers, on the same work and in the same run. What the figures mean: bench/README.md

  --quick            one short round: is it roughly right?
  --rounds N         rounds, ${FULL.rounds} if nothing is said; the peers take turns in each
  --rows A1,E        only these
  --peers 'bare ws,Hubbub'
  --guard            a minute: fails when a unit costs more than it may, × bare ws; the rest is left out
  --from FILE        measures nothing: tells what an earlier run wrote to bench/results
  --document         writes the rows into docs/performance.md, and a run with A1, A2, B, E and H into README.md and its chart

Rows
${rows.map(({ key, title }) => `  ${key.padEnd(4)} ${title}`).join('\n')}

Peers
${peers.map(({ name }) => `  ${name}`).join('\n')}
`;
