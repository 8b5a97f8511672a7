/** Starting other programs from the scripts. */
import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { resolve } from 'node:path';

/** The folder of package.json. */
export const ROOT = resolve(import.meta.dirname, '..');

/** Runs Node with `args` in the project folder; otherwise as `runProgram`. */
export function runNode(args, options) {
  return runProgram(process.execPath, args, options);
}

/**
 * Runs a program in the project folder and waits for its end. Signals sent to this process are passed on.
 * @param options `env`: whole environment. `capture`: collect what it prints instead of showing it.
 *   `group`: put it and its children in a process group of their own, and signal them all
 * @returns its exit code, a signal counted as 128 + its number as a shell does, and what was captured
 */
export function runProgram(program, args, { cwd = ROOT, env = process.env, capture = false, group = false } = {}) {
  const ownGroup = group && process.platform !== 'win32';
  return new Promise((done, failed) => {
    const child = spawn(program, args, {
      cwd,
      env,
      detached: ownGroup,
      stdio: capture ? ['ignore', 'pipe', 'pipe'] : [ownGroup ? 'ignore' : 'inherit', 'inherit', 'inherit'],
    });
    let output = '';
    child.stdout?.on('data', (chunk) => (output += chunk));
    child.stderr?.on('data', (chunk) => (output += chunk));
    const passOn = (signal) => {
      // A terminal's Ctrl-C reaches a child of the same group by itself; listening only keeps this process until it has ended.
      if (child.pid === undefined) return;
      if (ownGroup) process.kill(-child.pid, signal);
      else if (signal !== 'SIGINT') child.kill(signal);
    };
    const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];
    for (const signal of signals) process.on(signal, passOn);
    const tidy = () => {
      for (const signal of signals) process.off(signal, passOn);
    };
    child.on('error', (error) => {
      tidy();
      failed(error);
    });
    child.on('close', (code, signal) => {
      tidy();
      done({ code: code ?? 128 + constants.signals[signal], output });
    });
  });
}
