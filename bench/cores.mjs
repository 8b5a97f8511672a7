/** Server and load on a core each, so that neither's work is counted as the other's. */
import { spawnSync } from 'node:child_process';
import { cpus } from 'node:os';

/** Whether processes can be kept on a core here (taskset, and two cores at least). */
export const canPin = cpus().length > 1 && spawnSync('taskset', ['-V'], { stdio: 'ignore' }).status === 0;

/** The command line that runs `command` on one core where that can be done. It stays one process. */
export function pinned(core, command) {
  return canPin ? ['taskset', '-c', String(core), ...command] : command;
}
