/**
 * `npm run bench -- --guard`: has a unit of work become dearer? Hubbub and bare `ws` do the same work at the same time, their
 * servers on one core, so that whatever slows this machine slows both, and only the ratio counts. Short enough for every change.
 */
import { bareWs } from './peers/bare-ws.mjs';
import { hubbub } from './peers/hubbub.mjs';
import { fanout } from './rows/fanout.mjs';
import { ROWS } from './rows/index.mjs';
import { onFreshServer } from './rows/work.mjs';
import { median } from './statistics.mjs';

const rowOf = (key) => ROWS.find((row) => row.key === key);
/** Few members, so that both are there at the same moment. */
const room = fanout('A', '1 room × 100 members, 8 in flight', {
  ...{ rooms: 1, conns: 100 },
  traffic: ['--window', '8'],
});

/**
 * The rows, and the most that the CPU of a unit may be, × bare `ws`: well above the worst of many runs on a busy machine
 * (docs/performance.md has these). Who makes a row cheaper for good lowers its bound.
 */
const GUARDED = [
  { row: room, most: 0.6 },
  { row: rowOf('S1'), most: 1.2 },
  { row: rowOf('E'), most: 2 },
  { row: rowOf('H'), most: 3.5 },
];
const ROOMS = 10;
const TURNS = 5;
/** With other servers each: what one process happened to compile badly is no verdict. */
const ATTEMPTS = 3;
/** In s. The servers are warm after the first. */
const WARM_UP = { warmup: 3, secs: 0.5 };
const TURN = { warmup: 0.3, secs: 1.2 };

/**
 * Measures and prints.
 * @returns whether every row is within its bound
 * @throws when anything was lost, repeated or out of order
 */
export async function guard() {
  console.log(`CPU of a unit at Hubbub, × bare ws at the same time; median of ${TURNS} (smallest … largest)`);
  let suspects = GUARDED;
  for (let attempt = 1; attempt <= ATTEMPTS && suspects.length > 0; attempt++) suspects = await tooDear(suspects);
  for (const { row } of suspects) console.log(`dearer than it may be: ${row.key}, ${row.title}`);
  return suspects.length === 0;
}

/** Those of the rows that are above their bound. */
function tooDear(rows) {
  return onFreshServer(bareWs, (floor) =>
    onFreshServer(hubbub, async (own) => {
      await own.makeRooms(ROOMS);
      const peers = [inPlace(bareWs, floor), inPlace(hubbub, own)];
      const found = [];
      for (const each of rows) if ((await measured(each, peers)) > each.most) found.push(each);
      return found;
    }),
  );
}

/** The peer on a server that goes on running. */
const inPlace = (peer, { address, pids }) => ({ ...peer, start: async () => ({ address, pids, async stop() {} }) });

async function measured({ row, most }, peers) {
  await ratioOf(row, peers, WARM_UP);
  const ratios = [];
  for (let turn = 1; turn <= TURNS; turn++) ratios.push(await ratioOf(row, peers, TURN));
  const [ratio, least, largest] = [median(ratios), Math.min(...ratios), Math.max(...ratios)].map((each) =>
    each.toFixed(2),
  );
  console.log(`${row.key.padEnd(3)} ${row.title}: ${ratio} (${least} … ${largest}), at most ${most}`);
  return median(ratios);
}

async function ratioOf(row, peers, plan) {
  const [floor, own] = await Promise.all(
    peers.map((peer) =>
      row.measure(peer, plan).catch((error) => {
        throw new Error(`${row.key}, ${peer.name}: ${error.message}`);
      }),
    ),
  );
  return own.cpu_us / floor.cpu_us;
}
