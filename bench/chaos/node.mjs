import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, readFileSync } from 'node:fs';
import { freePort } from '../../scripts/free-port.mjs';

const MAIN = 'dist/apps/gateway/src/main.js';
const READY_MS = 90_000;
const STOP_MS = 30_000;

/** One gateway as a process of its own, at an address that stays when it is started again. */
export class Node {
  #child;
  #exit;
  #isWanted = false;
  #listens = false;

  constructor(name, port, { env, log, program = MAIN, imports = [] }) {
    this.name = name;
    this.port = port;
    this.log = log;
    this.program = program;
    this.imports = imports;
    this.env = {
      HUBBUB_SERVER_HOST: '127.0.0.1',
      HUBBUB_SERVER_PORT: String(port),
      HUBBUB_CLUSTER_NODE_ID: name,
      HUBBUB_LOG_LEVEL: 'warn',
      ...env,
    };
  }

  static async at(name, options) {
    return new Node(name, await freePort(), options);
  }

  get url() {
    return `ws://127.0.0.1:${this.port}/ws`;
  }

  get http() {
    return `http://127.0.0.1:${this.port}`;
  }

  /** The end of what it has logged, at all its starts. */
  lastWords() {
    return readFileSync(this.log, 'utf8').slice(-2000);
  }

  /** Whether it has ended without having been asked to, and was not started again. */
  get hasDied() {
    return this.#isWanted && !this.isRunning;
  }

  get isRunning() {
    return this.#child !== undefined && this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** Starts it, and waits until it is ready. @throws if it ends before */
  async start() {
    const others = Object.entries(process.env).filter(([name]) => !name.startsWith('HUBBUB_'));
    const args = [...this.imports.flatMap((file) => ['--import', file]), '--enable-source-maps', this.program];
    const child = spawn(process.execPath, args, {
      env: { ...Object.fromEntries(others), ...this.env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const log = createWriteStream(this.log, { flags: 'a' });
    this.#listens = false;
    child.stdout.on('data', (text) => (this.#listens ||= text.includes('"listening"')));
    child.stdout.pipe(log, { end: false });
    child.stderr.pipe(log, { end: false });
    this.#child = child;
    this.#exit = once(child, 'exit');
    for (const end = Date.now() + READY_MS; !(await this.#isReady()); ) {
      if (!this.isRunning) throw new Error(`${this.name} ended at its start: ${this.lastWords()}`);
      if (Date.now() > end) throw new Error(`${this.name} is not ready: ${this.lastWords()}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    this.#isWanted = true;
  }

  async #isReady() {
    // By its own word first: another process could answer at its port.
    if (!this.#listens) return false;
    return fetch(`${this.http}/health/ready`).then(
      ({ ok }) => ok,
      () => false,
    );
  }

  /** kill -9. */
  async kill() {
    this.#isWanted = false;
    this.#child?.kill('SIGKILL');
    await this.#exit;
  }

  freeze() {
    this.#child.kill('SIGSTOP');
  }

  thaw() {
    this.#child.kill('SIGCONT');
  }

  /** Ends it as an orchestrator does. @returns its exit code; null when it had to be killed */
  async stop() {
    this.#isWanted = false;
    if (!this.isRunning) return this.#child?.exitCode ?? null;
    this.#child.kill('SIGCONT');
    this.#child.kill('SIGTERM');
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), STOP_MS);
    const [code] = await this.#exit;
    clearTimeout(timer);
    return code;
  }
}
