import { mkdtemp, rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BusModule, NodeInfo } from '@hubbub/bus';
import { ClusterModule } from '@hubbub/cluster';
import { ConfigModule, HubbubConfig, type PartialConfig } from '@hubbub/config';
import { HealthModule, MetricsModule } from '@hubbub/observability';
import { StorageModule } from '@hubbub/storage';
import { HttpErrorFilter, HubbubWsAdapter, Inboxes, NodeIdentity, TransportModule } from '@hubbub/transport';
import { RawClient } from '@hubbub/transport/testing';
import { Global, type LoggerService, Module, type Provider, type Type } from '@nestjs/common';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import { AuthModule } from '../auth.module.js';
import { AUTH_ENTITIES, AUTH_MIGRATIONS } from '../auth-storage.js';
import { Clock } from '../clock.js';

/** Ids of 256 characters take up to nine times as many in a path; Fastify finds no route beyond 100 by itself. */
const MAX_PARAM_LENGTH = 2500;

/** A clock that a test sets ahead. */
export class TestClock extends Clock {
  private aheadMs = 0;

  override now(): number {
    return Date.now() + this.aheadMs;
  }

  advance(seconds: number): void {
    this.aheadMs += seconds * 1000;
  }
}

export interface AuthAppOptions {
  readonly config?: PartialConfig;
  readonly controllers?: Type[];
  readonly providers?: Provider[];
  /** A folder that another application has used. @default a new one, removed at the end */
  readonly dataDir?: string;
}

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  // Tests look into bodies of every shape.
  // oxlint-disable-next-line typescript/no-explicit-any
  readonly body: any;
}

/** An inbox for nobody: where direct messages are kept is no business of these tests. */
class NoInboxes extends Inboxes {
  override async open() {
    return { epoch: 'none', seq: 0 };
  }
  override close(): void {}
}

@Global()
@Module({
  providers: [
    { provide: Inboxes, useClass: NoInboxes },
    { provide: NodeIdentity, useExisting: NodeInfo },
  ],
  exports: [Inboxes, NodeIdentity],
})
class PortsModule {}

/** A real application of accounts and sockets, on a free port, with its database in a folder of its own. */
export class AuthApp {
  private constructor(
    readonly app: NestFastifyApplication,
    readonly clock: TestClock,
    /** Everything that was logged, as text. */
    readonly log: string[],
    readonly dataDir: string,
    private readonly ownsFolder: boolean,
  ) {}

  static async start(options: AuthAppOptions = {}): Promise<AuthApp> {
    const dataDir = options.dataDir ?? (await mkdtemp(join(tmpdir(), 'hubbub-auth-')));
    const config = HubbubConfig.from({ ...options.config, dataDir });
    const clock = new TestClock();
    const log: string[] = [];
    const module = await Test.createTestingModule({
      imports: [
        ConfigModule.forRoot(config),
        MetricsModule,
        HealthModule.forRoot({ version: '0' }),
        BusModule.forRoot({ type: 'memory', version: '0' }),
        StorageModule.forRoot({ entities: AUTH_ENTITIES, migrations: AUTH_MIGRATIONS }),
        ClusterModule,
        PortsModule,
        TransportModule,
        AuthModule,
      ],
      controllers: [...(options.controllers ?? [])],
      providers: [...(options.providers ?? [])],
    })
      .overrideProvider(Clock)
      .useValue(clock)
      .setLogger(loggerTo(log))
      .compile();
    const app = module.createNestApplication<NestFastifyApplication>(
      new FastifyAdapter({ routerOptions: { maxParamLength: MAX_PARAM_LENGTH } }),
    );
    app.useWebSocketAdapter(new HubbubWsAdapter(app));
    app.useGlobalFilters(new HttpErrorFilter());
    await app.listen(0, '127.0.0.1');
    return new AuthApp(app, clock, log, dataDir, options.dataDir === undefined);
  }

  get url(): string {
    return `ws://127.0.0.1:${(this.app.getHttpServer().address() as AddressInfo).port}/ws`;
  }

  async post(
    path: string,
    payload: object | string,
    more: { ip?: string; headers?: Record<string, string> } = {},
  ): Promise<Answer> {
    return this.request('POST', path, { ...more, payload });
  }

  async request(
    method: 'GET' | 'POST' | 'DELETE',
    path: string,
    options: { token?: string; ip?: string; headers?: Record<string, string>; payload?: object | string } = {},
  ): Promise<Answer> {
    const { token, ip, headers = {}, payload } = options;
    const response = await this.app.inject({
      method,
      url: path,
      headers: { ...headers, ...(token === undefined ? {} : { authorization: `Bearer ${token}` }) },
      ...(ip === undefined ? {} : { remoteAddress: ip }),
      ...(payload === undefined ? {} : { payload }),
    });
    const body: unknown = response.body === '' ? undefined : JSON.parse(response.body);
    return { status: response.statusCode, headers: response.headers, body };
  }

  /** Registers `username` with the password `correct horse`. */
  async register(username: string): Promise<Answer['body']> {
    const { status, body } = await this.post('/api/auth/register', { username, password: 'correct horse' });
    if (status !== 201) throw new Error(`registration answered ${status}`);
    return body;
  }

  connect(token?: string): Promise<RawClient> {
    return RawClient.connect(this.url, token === undefined ? {} : { token });
  }

  async close(): Promise<void> {
    await this.app.close();
    if (this.ownsFolder) await rm(this.dataDir, { recursive: true, force: true });
  }
}

function loggerTo(lines: string[]): LoggerService {
  const write = (...entries: unknown[]) => {
    for (const entry of entries) {
      const text = entry instanceof Error ? `${entry.stack} ${JSON.stringify(entry)}` : JSON.stringify(entry, expand);
      lines.push(text);
    }
  };
  return { log: write, error: write, warn: write, debug: write, verbose: write, fatal: write };
}

/** Errors have nothing that JSON shows. */
function expand(_key: string, value: unknown): unknown {
  return value instanceof Error ? { ...(value as object), text: `${value.stack}`, cause: value.cause } : value;
}
