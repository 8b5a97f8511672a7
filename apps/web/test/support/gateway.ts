import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { freePort } from '../../../../scripts/free-port.mjs';
import { type Listening, startListening } from '../../../../scripts/listening.mjs';

const MAIN = resolve('dist/apps/gateway/src/main.js');

/** The built gateway as a process of its own, on a port that it keeps over its restarts. */
export class GatewayProcess {
  private running: Listening | null = null;

  private constructor(
    private readonly port: number,
    private readonly folder: string,
    private readonly settings: Readonly<Record<string, string>>,
  ) {}

  /** @param settings variables of the environment, without their `HUBBUB_` */
  static async start(settings: Readonly<Record<string, string>> = {}): Promise<GatewayProcess> {
    const folder = mkdtempSync(join(tmpdir(), 'hubbub-web-'));
    const gateway = new GatewayProcess(await freePort(), folder, settings);
    await gateway.restart();
    return gateway;
  }

  /** Where its chat page is. */
  get url(): string {
    return `http://127.0.0.1:${this.port}/`;
  }

  /** Starts it with the data it had. */
  async restart(): Promise<void> {
    const others = Object.entries(process.env).filter(([name]) => !name.startsWith('HUBBUB_'));
    const own = {
      SERVER_HOST: '127.0.0.1',
      SERVER_PORT: String(this.port),
      DATA_DIR: this.folder,
      DRAIN_TIMEOUT_MS: '2000',
      LOG_LEVEL: 'warn',
      // All people of a test come from one address.
      LIMITS_AUTH_PER_MIN: '1000',
      LIMITS_HTTP_BURST: '10000',
      ...this.settings,
    };
    const env = Object.fromEntries([
      ...others,
      ...Object.entries(own).map(([name, value]) => [`HUBBUB_${name}`, value]),
    ]);
    this.running = await startListening(process.execPath, [MAIN], { cwd: this.folder, env });
  }

  /** @param signal SIGKILL: without a goodbye */
  async stop(signal: NodeJS.Signals): Promise<void> {
    const { running } = this;
    this.running = null;
    running?.child.kill(signal);
    await running?.ended;
  }

  async close(): Promise<void> {
    await this.stop('SIGKILL');
    rmSync(this.folder, { recursive: true, force: true });
  }
}
