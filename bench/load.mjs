/** The load generator: compiled when needed, run on a core of its own, its one JSON line read. */
import { execFile, spawnSync } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../scripts/run-process.mjs';
import { pinned } from './cores.mjs';

const SOURCE = join(ROOT, 'bench/wsload.c');
const PROGRAM = join(ROOT, 'bench/wsload');
const LOAD_CORE = 1;

/** @throws with what is missing here */
export function compileLoad() {
  if (process.platform !== 'linux') throw new Error('the load generator needs Linux (epoll)');
  if (existsSync(PROGRAM) && statSync(PROGRAM).mtimeMs > statSync(SOURCE).mtimeMs) return;
  const compiler = ['cc', 'gcc', 'clang'].find(
    (name) => spawnSync(name, ['--version'], { stdio: 'ignore' }).status === 0,
  );
  if (compiler === undefined) {
    throw new Error(
      'the load generator is written in C and there is no compiler here: install cc, gcc or clang (Debian: apt-get install gcc libc6-dev)',
    );
  }
  const { status } = spawnSync(compiler, ['-O2', '-Wall', '-Wextra', '-o', PROGRAM, SOURCE], { stdio: 'inherit' });
  if (status !== 0) throw new Error(`${compiler} could not compile bench/wsload.c`);
}

/**
 * Runs the load against a server.
 * @returns what wsload measured (bench/wsload.c says what it counts)
 * @throws when a connection failed or a delivery was lost: such a run says nothing
 */
export function runLoad(server, args) {
  const all = ['--port', server.socket.port, '--path', server.socket.pathname, '--pid', String(server.pid), ...args];
  const [program, ...rest] = pinned(LOAD_CORE, [PROGRAM, ...all]);
  return new Promise((done, failed) => {
    execFile(program, rest, (error, stdout, stderr) => {
      if (error === null) return done(JSON.parse(stdout));
      const result = stdout.startsWith('{') ? JSON.parse(stdout) : null;
      const why =
        result === null
          ? stderr.trim()
          : `ready ${result.ready} of ${result.conns}, lost ${result.lost}, ${result.first_error}`;
      failed(new Error(`wsload: ${why}`));
    });
  });
}
