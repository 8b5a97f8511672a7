/** Starts an installed server on a free port with its data in a temporary folder, and stops it again. */
import { execFile, spawn } from 'node:child_process';
import {
  chownSync,
  closeSync,
  existsSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { freePort } from '../free-port.mjs';

const READY_MS = 30_000;
const STOP_MS = 10_000;

/**
 * @returns `{ name, url, pid, folder, stopSignal, restart }`, or null when the program is not installed; `restart` starts it again
 *   once it has ended, where it was, on its data, and changes `pid`. @throws when it does not start
 */
export async function startServer(service) {
  if (findProgram(service.program) === null) return null;
  const folder = mkdtempSync(join(tmpdir(), `hubbub-${service.name}-`));
  const account = process.getuid?.() === 0 ? accountOf(service.runAs ?? []) : undefined;
  if (account !== undefined) chownSync(folder, account.uid, account.gid);
  const as = account === undefined ? {} : { uid: account.uid, gid: account.gid };
  const port = await freePort();
  let child;
  let again;
  const tools = {
    folder,
    port,
    user: account?.name,
    binary: (name) => findProgram(name) ?? name,
    run: (file, args) => promisify(execFile)(file, args, { cwd: folder, ...as }),
    spawn: (name, args) => {
      again = () => tools.spawn(name, args);
      const log = openSync(join(folder, 'log'), 'a');
      child = spawn(findProgram(name) ?? name, args, {
        cwd: folder,
        detached: true,
        stdio: ['ignore', log, log],
        ...as,
      });
      child.on('error', () => {}); // told by `untilReady`: the process has no id
      child.unref();
      closeSync(log);
      return child;
    },
    ready: (url) => untilReady(service, url, () => child, folder),
  };
  try {
    await service.start(tools);
    await tools.ready(service.url(port));
  } catch (error) {
    child?.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
    throw error;
  }
  const server = {
    name: service.name,
    url: service.url(port),
    pid: child.pid,
    folder,
    stopSignal: service.stopSignal ?? 'SIGTERM',
    async restart() {
      server.pid = again().pid;
      await tools.ready(server.url);
    },
  };
  return server;
}

/** Ends what `startServer` started, waits for it, and removes its data. */
export async function stopServer({ pid, folder, stopSignal }) {
  // Process ids are used again: what does not mention the folder is somebody else's.
  if (isOurs(pid, folder)) process.kill(pid, stopSignal);
  for (let waited = 0; isOurs(pid, folder) && waited < STOP_MS; waited += 50) await sleep(50);
  if (isOurs(pid, folder)) process.kill(pid, 'SIGKILL');
  rmSync(folder, { recursive: true, force: true });
}

function isOurs(pid, folder) {
  try {
    process.kill(pid, 0);
    // Where the system tells: every server works in its folder or below. A process that has ended has none.
    return !existsSync('/proc/self/cwd') || readlinkSync(`/proc/${pid}/cwd`).startsWith(folder);
  } catch {
    return false;
  }
}

async function untilReady(service, url, child, folder) {
  let reason;
  for (let waited = 0; waited < READY_MS; waited += 50) {
    reason = await service.probe(url);
    if (reason === null) return;
    if (child().pid === undefined || child().exitCode !== null) break;
    await sleep(50);
  }
  const log = readFileSync(join(folder, 'log'), 'utf8').trim().split('\n').slice(-3).join(' | ');
  throw new Error(`${service.program} did not start (${reason}): ${log}`);
}

/** A program in PATH, or where Debian keeps those that are not meant for users' PATH. */
export function findProgram(name) {
  const postgres = '/usr/lib/postgresql';
  const versions = existsSync(postgres) ? readdirSync(postgres).map((version) => `${postgres}/${version}/bin`) : [];
  const folders = [
    ...(process.env.PATH ?? '').split(delimiter),
    '/usr/sbin',
    '/usr/local/sbin',
    ...versions.toReversed(),
  ];
  return folders.map((folder) => join(folder, name)).find((file) => existsSync(file)) ?? null;
}

/** Root does not run these servers; the first of `names` that exists does. */
function accountOf(names) {
  const lines = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map((line) => line.split(':'));
  const line = names.map((name) => lines.find(([account]) => account === name)).find((found) => found !== undefined);
  return line && { name: line[0], uid: Number(line[2]), gid: Number(line[3]) };
}
