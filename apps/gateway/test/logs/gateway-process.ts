import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

const register = pathToFileURL(resolve('scripts/run-typescript.mjs')).href;

/** A gateway as a process of its own, and every character that it writes. */
export class GatewayProcess {
  output = '';
  private readonly watchers = new Set<() => void>();

  private constructor(
    readonly dataDir: string,
    readonly child: ReturnType<typeof spawn>,
  ) {
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        this.output += text;
        for (const watcher of this.watchers) watcher();
      });
    }
  }

  /** Starts `program` on a configuration, and waits until it listens. */
  static async start(program: string, config: object): Promise<GatewayProcess> {
    const dataDir = mkdtempSync(join(tmpdir(), 'hubbub-logs-'));
    const others = Object.entries(process.env).filter(([name]) => !name.startsWith('HUBBUB_'));
    const file = join(dataDir, 'hubbub.yaml');
    writeConfig(file, { ...config, data_dir: dataDir });
    const child = spawn(process.execPath, ['--import', register, program, '--config', file], {
      env: Object.fromEntries(others),
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const gateway = new GatewayProcess(dataDir, child);
    const ended = once(child, 'exit').then(() => {
      throw new Error(`the gateway ended before it listened: ${gateway.output}`);
    });
    await Promise.race([gateway.writes(/"socket":"/), ended]);
    return gateway;
  }

  /** Where it listens, as `http://127.0.0.1:49152`. */
  get http(): string {
    return /http:\/\/[\w.]+:\d+/.exec(this.output)?.[0] ?? '';
  }

  get ws(): string {
    return `${this.http.replace('http', 'ws')}/ws`;
  }

  /** Gives it another configuration, and waits until it says so. */
  async reload(config: object): Promise<void> {
    const from = this.output.length;
    writeConfig(join(this.dataDir, 'hubbub.yaml'), { ...config, data_dir: this.dataDir });
    this.child.kill('SIGHUP');
    await this.writes(/configuration reloaded/, from);
  }

  /** Resolves once what it has written since `from` matches. */
  writes(pattern: RegExp, from = 0): Promise<void> {
    return new Promise((resolve) => {
      const watcher = () => {
        if (!pattern.test(this.output.slice(from))) return;
        this.watchers.delete(watcher);
        resolve();
      };
      this.watchers.add(watcher);
      watcher();
    });
  }

  /** Shuts it down as an orchestrator does. Returns its exit code. */
  async stop(): Promise<number | null> {
    const closed = once(this.child, 'close');
    this.child.kill('SIGTERM');
    const [code] = (await closed) as [number | null];
    return code;
  }

  remove(): void {
    this.child.kill('SIGKILL');
    rmSync(this.dataDir, { recursive: true, force: true });
  }
}

/** JSON is YAML. */
function writeConfig(file: string, config: object): void {
  writeFileSync(file, JSON.stringify(config));
}
