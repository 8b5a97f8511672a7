/** Servers and load on cores of their own, so that neither's work is counted as the other's: the load has the last one. */
import { spawnSync } from 'node:child_process';
import { cpus } from 'node:os';

const COUNT = cpus().length;
export const SERVER_CORE = 0;
export const LOAD_CORE = COUNT - 1;

/** Whether processes can be kept on a core here (taskset, and two cores at least). */
export const canPin = COUNT > 1 && spawnSync('taskset', ['-V'], { stdio: 'ignore' }).status === 0;

/** Whether so many cores are left beside that of the load. */
export const hasServerCores = (count) => canPin && count < COUNT;

/** The command line that keeps `command` on the first `count` cores, or as many as there are beside the load's. It stays one process. */
export function onServerCores(count, command) {
  return pinned(`${SERVER_CORE}-${Math.min(count, Math.max(1, COUNT - 1)) - 1}`, command);
}

/** The same for the load. */
export const onLoadCore = (command) => pinned(String(LOAD_CORE), command);

function pinned(cores, command) {
  return canPin ? ['taskset', '-c', cores, ...command] : command;
}
