/** Connections that are there while something else is measured. */
import { load } from '../rows/work.mjs';

/** Longest that anything is measured beside them, in s; the load generator ends by itself. */
const HELD_S = 240;

/**
 * Opens `count` connections which then stay, and runs `work` beside them.
 * @param args of the load generator: `login` steps and more @returns what `work` returns
 * @throws what went wrong with them, also while `work` runs
 */
export async function beside(server, wire, { count, login, args = [] }, work) {
  if (count === 0) return work();
  let enter;
  const connected = new Promise((resolve) => {
    enter = resolve;
  });
  const held = load(
    server,
    wire,
    [
      ...['--mode', 'idle', '--conns', String(count), '--hold', String(HELD_S), '--max-time', String(HELD_S)],
      ...[...args, ...login],
    ],
    [],
    (phase) => phase === 'connected' && enter(),
  );
  // They end with their server, and that is no failure of theirs.
  held.catch(() => {});
  await Promise.race([connected, held]);
  return Promise.race([work(), held.then(() => Promise.reject(new Error('the crowd left before the end')))]);
}
