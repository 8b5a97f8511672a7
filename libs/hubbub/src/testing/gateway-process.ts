import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

export interface GatewayProcessOptions {
  /** Variables beside those of this process, as `HUBBUB_DATA_DIR`. */
  readonly env?: Readonly<Record<string, string>>;
  /** A script that the process runs before the gateway. */
  readonly preload?: string;
}

/** The built gateway as a process of its own on a free port of the loopback: to be killed, stopped and woken. */
export class GatewayProcess {
  private constructor(
    private readonly child: ChildProcess,
    /** Where its socket is. */
    readonly ws: string,
  ) {}

  /** Resolves once it listens. @throws Error if it ends before, with what it wrote */
  static async start({ env = {}, preload }: GatewayProcessOptions = {}): Promise<GatewayProcess> {
    const before = preload === undefined ? [] : ['--require', preload];
    const child = spawn(process.execPath, [...before, 'scripts/run.mjs', 'apps/gateway/src/main'], {
      env: {
        ...process.env,
        HUBBUB_SERVER_HOST: '127.0.0.1',
        HUBBUB_SERVER_PORT: '0',
        HUBBUB_LOG_LEVEL: 'error',
        HUBBUB_LIMITS_COMMANDS_PER_S: '1000000',
        HUBBUB_LIMITS_COMMANDS_BURST: '1000000',
        ...env,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const written: string[] = [];
    child.stderr.on('data', (text: Buffer) => void written.push(text.toString()));
    return new Promise((resolve, reject) => {
      child.once('exit', () => reject(new Error(`the gateway ended before it listened:\n${written.join('')}`)));
      createInterface({ input: child.stdout }).on('line', (line) => {
        written.push(`${line}\n`);
        const found = /ws:\/\/[^\s"]+/.exec(line);
        if (found) resolve(new GatewayProcess(child, found[0]));
      });
    });
  }

  /** Where its HTTP routes are. */
  get http(): string {
    const { host } = new URL(this.ws);
    return `http://${host}`;
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  /** From now on it does nothing, and keeps its connections. */
  pause(): void {
    this.child.kill('SIGSTOP');
  }

  resume(): void {
    this.child.kill('SIGCONT');
  }

  /** Ends it without a word. */
  kill(): Promise<void> {
    return this.end('SIGKILL');
  }

  /** Has it drain and end in good order. */
  terminate(): Promise<void> {
    return this.end('SIGTERM');
  }

  private async end(signal: NodeJS.Signals): Promise<void> {
    const { exitCode, signalCode } = this.child;
    if (exitCode !== null || signalCode !== null) return;
    const ended = once(this.child, 'exit');
    this.child.kill(signal);
    await ended;
  }
}
