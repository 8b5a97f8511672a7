/** Starting a server and learning from what it prints where its socket is. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';

const START_MS = 30_000;

/**
 * Starts `program` and waits until it has printed an address `ws://host:port/path`.
 * @returns the process, its end as `{ code, signal }`, and the address
 * @throws with all it printed, when it ends or takes longer than 30 s
 */
export async function startListening(program, args, { cwd, env }) {
  const child = spawn(program, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  const address = new Promise((found, failed) => {
    const read = (chunk) => {
      output += chunk;
      const [text] = output.match(/\bws:\/\/[\w.[\]-]+:[1-9]\d*\/[\w/-]*(?=[^\w/-])/) ?? [];
      if (text === undefined) return;
      child.stdout.off('data', read).resume();
      child.stderr.off('data', read).resume();
      found(new URL(text));
    };
    const fail = (why) => failed(new Error(`${args.join(' ')} ${why} before it printed its address:\n${output}`));
    child.stdout.on('data', read);
    child.stderr.on('data', read);
    child.on('error', failed);
    child.on('close', () => fail('ended'));
    setTimeout(() => fail('took 30 s'), START_MS).unref();
  });
  const ended = once(child, 'close').then(([code, signal]) => ({ code, signal }));
  try {
    return { child, ended, socket: await address };
  } catch (error) {
    child.kill('SIGKILL');
    throw error;
  }
}
