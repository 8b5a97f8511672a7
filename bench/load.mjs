/** The load generator: compiled when needed, run on a core of its own, its one JSON line read. */
import { execFile, spawnSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { findCompiler } from '../scripts/compiler.mjs';
import { ROOT } from '../scripts/run-process.mjs';
import { LOAD_CORE, onLoadCore, SERVER_CORE } from './cores.mjs';

const SOURCES = join(ROOT, 'bench/load');
const PROGRAM = join(ROOT, 'bench/wsload');

/** @throws with what is missing here */
export function compileLoad() {
  if (process.platform !== 'linux') throw new Error('the load generator needs Linux (epoll)');
  const sources = readdirSync(SOURCES).map((file) => join(SOURCES, file));
  if (existsSync(PROGRAM) && sources.every((file) => statSync(file).mtimeMs < statSync(PROGRAM).mtimeMs)) return;
  const compiler = findCompiler();
  if (compiler === undefined) {
    throw new Error(
      'the load generator is written in C and there is no compiler here: install cc, gcc or clang (Debian: apt-get install gcc libc6-dev)',
    );
  }
  const { status } = spawnSync(compiler, ['-O2', '-Wall', '-Wextra', '-o', PROGRAM, join(SOURCES, 'wsload.c')], {
    stdio: 'inherit',
  });
  if (status !== 0) throw new Error(`${compiler} could not compile bench/load/wsload.c`);
}

/**
 * Runs the load against a server.
 * @param values lines for `%V`, or none
 * @param onPhase called with `connected`, `traffic`, `measuring` and `measured` when the load gets there
 * @returns what wsload measured (bench/load/wsload.c says what it counts)
 * @throws when a connection failed, or anything was lost, repeated or out of order: such a run says nothing
 */
export function runLoad({ address, pids }, args, values = [], onPhase = null) {
  const [program, ...rest] = onLoadCore([
    ...[PROGRAM, '--port', address.port, '--pid', pids.join(), '--cores', `${SERVER_CORE},${LOAD_CORE}`],
    ...(values.length > 0 ? ['--values', '-'] : []),
    ...(onPhase === null ? [] : ['--tell']),
    ...args,
  ]);
  return new Promise((done, failed) => {
    const child = execFile(program, rest, (error, stdout, stderr) => {
      const result = stdout.startsWith('{') ? JSON.parse(stdout) : null;
      if (error === null) done(result);
      else failed(new Error(result === null ? stderr.trim() || error.message : whatWentWrong(result)));
    });
    if (onPhase !== null) createInterface(child.stderr).on('line', onPhase);
    // It may have ended before it read them, and says why itself.
    child.stdin.on('error', () => {});
    child.stdin.end(values.join('\n'));
  });
}

function whatWentWrong({ conns, ready, units, lost, lost_acks, gaps, repeats, strays, refusals, err, first_error }) {
  const counts = { lost, lost_acks, gaps, repeats, strays, refusals, ...err };
  const wrong = Object.entries(counts).filter(([, count]) => count > 0);
  return [
    ...(units === 0 ? ['nothing was done within the time measured'] : []),
    ...(ready < conns ? [`${ready} of ${conns} connections`] : []),
    ...wrong.map(([what, count]) => `${what.replace('_', ' ')}: ${count}`),
    ...(first_error === '' ? [] : [first_error]),
  ].join(', ');
}
