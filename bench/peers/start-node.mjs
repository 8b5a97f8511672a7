/** Starting a server that is a Node program and prints where it listens. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { startListening } from '../../scripts/listening.mjs';
import { ROOT } from '../../scripts/run-process.mjs';
import { onServerCores } from '../cores.mjs';

const PRELOAD = ['--expose-gc', '--import', join(ROOT, 'bench/servers/gc-on-signal.mjs')];

/**
 * @param options `env`: beside that of this process; `cwd`; `cores`: how many it may use; null for all, the load's too
 * @returns `address`, `pids` of all its processes, `stop()`
 */
export async function startNode(file, { env = {}, cwd = ROOT, cores = 1 } = {}) {
  // For a profile of what is measured: BENCH_NODE_OPTIONS='--cpu-prof --cpu-prof-dir=/tmp/profile'.
  const { BENCH_NODE_OPTIONS: more = '' } = process.env;
  const node = [process.execPath, ...PRELOAD, ...more.split(' ').filter(Boolean), join(ROOT, file)];
  const [program, ...args] = cores === null ? node : onServerCores(cores, node);
  const { child, ended, socket } = await startListening(program, args, { env: { ...process.env, ...env }, cwd });
  return {
    address: socket,
    pids: [child.pid, ...childrenOf(child.pid)],
    /** At once: what is left on the connections is of no interest. */
    async stop() {
      for (const pid of childrenOf(child.pid)) process.kill(pid, 'SIGKILL');
      child.kill(more === '' ? 'SIGKILL' : 'SIGINT');
      await ended;
    },
  };
}

function childrenOf(pid) {
  try {
    return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number);
  } catch {
    return [];
  }
}
