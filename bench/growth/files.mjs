/** Every connection is an open file, at both ends. */
import { maxOpenFiles } from '../machine.mjs';

/** Of server or load, beside its connections. */
const OTHER_FILES = 200;

/** The `figures` that `measure` returns, or why there are none on this machine. */
export async function filesFor(connections, measure) {
  const needed = connections + OTHER_FILES;
  if (needed > maxOpenFiles()) return { leftOut: `needs ${needed} open files; the limit here is ${maxOpenFiles()}` };
  return { figures: await measure() };
}
