/** Starting a server that is installed on this machine, on a free port and in a temporary folder of its own. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '../../scripts/free-port.mjs';
import { onServerCores } from '../cores.mjs';

const START_MS = 10_000;
/** Where Debian keeps servers, which is not on everybody's path. */
const PATH = `${process.env.PATH}:/usr/sbin:/usr/local/sbin`;
const env = { ...process.env, PATH };

/** What a program prints of its version, on whichever stream; null where it is not installed. */
export function versionOf(program, args, pattern) {
  const { error, stdout, stderr } = spawnSync(program, args, { env, encoding: 'utf8' });
  if (error !== undefined) return null;
  return `${stdout}${stderr}`.match(pattern)?.[1] ?? 'of unknown version';
}

/**
 * @param config of `(port, folder)`: the text of its configuration
 * @param args of the file that has it
 * @returns as startNode
 */
export async function startProgram(program, config, args) {
  const folder = mkdtempSync(join(tmpdir(), 'bench-'));
  const port = await freePort();
  const file = join(folder, 'server.conf');
  writeFileSync(file, config(port, folder));
  const [command, ...rest] = onServerCores(1, [program, ...args(file)]);
  const child = spawn(command, rest, { env, cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = once(child, 'close');
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk));
  const stop = async () => {
    child.kill('SIGKILL');
    await ended;
    rmSync(folder, { recursive: true, force: true });
  };
  for (const deadline = Date.now() + START_MS; !(await listens(port)); await sleep(20)) {
    if (child.exitCode === null && Date.now() < deadline) continue;
    await stop();
    throw new Error(`${program} did not listen:\n${output}`);
  }
  return { address: new URL(`ws://127.0.0.1:${port}/`), pids: [child.pid], stop };
}

async function listens(port) {
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
