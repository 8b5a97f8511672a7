import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../../../../scripts/free-port.mjs';

const START_MS = 20_000;

const PROGRAMS = {
  nats: {
    program: 'nats-server',
    args: (port: number, folder: string, file: string) => [
      ...['-c', file, '-a', '127.0.0.1', '-p', String(port), '-js', '-sd', folder],
    ],
  },
  redis: {
    program: 'redis-server',
    args: (port: number, folder: string, file: string) => [
      ...[file, '--bind', '127.0.0.1', '--port', String(port), '--dir', folder],
      ...['--save', '', '--appendonly', 'no'],
    ],
  },
} as const;

export type BrokerType = keyof typeof PROGRAMS;

/** Why a broker of one's own cannot be started here; undefined if it can. */
export function missingBroker(type: BrokerType): string | undefined {
  const { program } = PROGRAMS[type];
  return spawnSync(program, ['--version']).error === undefined ? undefined : `${program} is not installed`;
}

/** A broker of one's own on a free port, to be stopped and paused as one likes. Its data outlive a restart. */
export class BrokerProcess {
  private readonly folder = mkdtempSync(join(tmpdir(), 'hubbub-broker-'));
  private child: ChildProcess | undefined;

  private constructor(
    readonly type: BrokerType,
    readonly port: number,
  ) {}

  /** @param settings in the words of its configuration file */
  static async start(type: BrokerType, settings = ''): Promise<BrokerProcess> {
    const broker = new BrokerProcess(type, await freePort());
    writeFileSync(broker.file, settings);
    await broker.start();
    return broker;
  }

  private get file(): string {
    return join(this.folder, 'settings.conf');
  }

  get url(): string {
    return `${this.type}://127.0.0.1:${this.port}`;
  }

  async start(): Promise<void> {
    const { program, args } = PROGRAMS[this.type];
    this.child = spawn(program, args(this.port, this.folder, this.file), { stdio: 'ignore' });
    const deadline = performance.now() + START_MS;
    while (!(await accepts(this.port))) {
      if (this.child.exitCode !== null || performance.now() > deadline) throw new Error(`${program} did not start`);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }

  /** Ends it, as a crash does. */
  async stop(): Promise<void> {
    const { child } = this;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
  }

  /** From now on it keeps its connections and does nothing. */
  pause(): void {
    this.child?.kill('SIGSTOP');
  }

  resume(): void {
    this.child?.kill('SIGCONT');
  }

  async remove(): Promise<void> {
    await this.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** A suite that needs a broker of its own: skipped in one visible line where there is none, and failing where `CI=true`. */
export function describeWithBroker(type: BrokerType, name: string, suite: () => void): void {
  const reason = missingBroker(type);
  if (reason === undefined) {
    describe(name, suite);
  } else if (process.env['CI'] === 'true') {
    it(name, () => {
      throw new Error(reason);
    });
  } else {
    // biome-ignore lint/suspicious/noSkippedTests: what cannot run here is to be seen
    it.skip(`${name} (${reason})`, () => {});
  }
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    const end = (accepted: boolean) => {
      socket.destroy();
      resolve(accepted);
    };
    socket.on('connect', () => end(true)).on('error', () => end(false));
  });
}
