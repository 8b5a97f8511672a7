/** What processes used, read from /proc where it cannot be asked of the load generator: of many, or while nobody does anything. */
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { cpuOf } from '../own-servers.mjs';

/** How long a Node server takes to collect its garbage once it is told to (servers/gc-on-signal.mjs). */
const GC_MS = 1500;

/** Resident memory of servers started by startNode in kB, once they have collected their garbage. */
export async function memoryOf(pids) {
  for (const pid of pids) process.kill(pid, 'SIGUSR2');
  await sleep(GC_MS);
  return pids.map(residentKb).reduce((sum, kb) => sum + kb, 0);
}

/** Resident memory of a process, in kB. */
export const residentKb = (pid) => numberIn(`/proc/${pid}/status`, /^VmRSS:\s+(\d+)/m);

/** Bytes that a process has read and written, sockets included. */
export const bytesOf = (pid) =>
  numberIn(`/proc/${pid}/io`, /^rchar: (\d+)/m) + numberIn(`/proc/${pid}/io`, /^wchar: (\d+)/m);

function numberIn(file, pattern) {
  return Number(readFileSync(file, 'utf8').match(pattern)?.[1] ?? Number.NaN);
}

/** What these processes have used up to now: `at` in s, `cpu` in s and `bytes` by name. */
export function usageOf(pids) {
  const each = (figure) => Object.fromEntries(Object.entries(pids).map(([name, pid]) => [name, figure(pid)]));
  return { at: performance.now() / 1000, cpu: each(cpuOf), bytes: each(bytesOf) };
}

/** CPU of each process between two readings, as a share of one core. */
export function sharesBetween(from, to) {
  return Object.fromEntries(
    Object.keys(from.cpu).map((name) => [name, (to.cpu[name] - from.cpu[name]) / (to.at - from.at)]),
  );
}

/** The same over the next `secs` seconds. */
export async function sharesDuring(secs, pids) {
  const from = usageOf(pids);
  await sleep(secs * 1000);
  return sharesBetween(from, usageOf(pids));
}
