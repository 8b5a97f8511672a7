/** What was measured, on what: without names of hosts, users or folders. */
import { readFileSync } from 'node:fs';
import { cpus, release, totalmem, type } from 'node:os';
import { join } from 'node:path';
import { ROOT } from '../scripts/run-process.mjs';
import { hasServerCores } from './cores.mjs';

/** The installed version of a package; of this project for `.` */
export function packageVersion(name) {
  const folder = name === '.' ? ROOT : join(ROOT, 'node_modules', name);
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')).version;
}

export function describeMachine() {
  const cores = cpus();
  return {
    cpu: cores[0]?.model.trim() ?? 'unknown',
    cores: cores.length,
    pinned: hasServerCores(1),
    memory_gib: Math.round(totalmem() / 2 ** 30),
    kernel: `${type()} ${/^\d+\.\d+/.exec(release())?.[0] ?? ''}`.trim(),
    node: process.version,
  };
}

/** How many files a process may have open here, at the most. */
export function maxOpenFiles() {
  const [, , hard] = /^Max open files\s+(\S+)\s+(\S+)/m.exec(readFileSync('/proc/self/limits', 'utf8')) ?? [];
  return hard === undefined || hard === 'unlimited' ? Number.POSITIVE_INFINITY : Number(hard);
}
