import { createHmac } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Bus } from '@hubbub/bus';
import { createHubbub, HubbubConfig, HubbubModule, type PartialConfig } from '@hubbub/hubbub';
import type { DynamicModule, Provider, Type } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { type ConnectOptions, TestClient } from './test-client.js';

export interface TestGatewayOptions {
  /** Beside Hubbub: your modules and gateways. */
  readonly imports?: (Type | DynamicModule)[];
  readonly providers?: Provider[];
  /** Of an earlier gateway, to start on its database. @default a new one, removed by `close` */
  readonly dataDir?: string;
  /** In place of the bus that the configuration names: it makes the node one of a cluster. */
  readonly bus?: (nodeId: string) => Bus | Promise<Bus>;
}

export interface TestUser {
  readonly permissions?: readonly string[];
  readonly username?: string;
  /** Any further claims; they win over the others. */
  readonly claims?: Record<string, unknown>;
}

/** What `auth.default_permissions` gives, without having to register. */
const ORDINARY = ['read:message', 'send:message', 'create:room', 'delete:room', 'join:room', 'leave:room'];
/** Tests come from one address, as few users, and in haste. */
const GENEROUS = {
  commandsPerS: 100_000,
  commandsBurst: 100_000,
  httpPerS: 10_000,
  httpBurst: 10_000,
  authPerMin: 10_000,
  connectionsPerUser: 1000,
};
const SECRET = '4711 hubbub tests sign with these words 0815';

/** A whole gateway on a free port of the loopback, with a database of its own. */
export class TestGateway {
  /** All that connected. */
  readonly clients = new Set<TestClient>();

  private constructor(
    readonly app: NestFastifyApplication,
    readonly config: HubbubConfig,
    readonly dataDir: string,
    private readonly ownsData: boolean,
    readonly port: number,
  ) {}

  static async start(partial: PartialConfig = {}, options: TestGatewayOptions = {}): Promise<TestGateway> {
    const dataDir = options.dataDir ?? mkdtempSync(join(tmpdir(), 'hubbub-'));
    const config = HubbubConfig.from({
      log: { level: 'error' },
      ...partial,
      dataDir,
      server: { host: '127.0.0.1', port: 0, ...partial.server },
      auth: { secret: SECRET, ...partial.auth },
      limits: { ...GENEROUS, ...partial.limits },
    });
    const root: DynamicModule = {
      module: class TestRoot {},
      imports: [HubbubModule.forRoot(config, options.bus && { bus: options.bus }), ...(options.imports ?? [])],
      providers: options.providers ?? [],
    };
    const app = await createHubbub(root, config);
    try {
      await app.listen(0, '127.0.0.1');
    } catch (error) {
      // What it has opened so far would keep the process.
      await app.close().catch(() => {});
      throw error;
    }
    const { port } = app.getHttpServer().address() as { port: number };
    return new TestGateway(app, config, dataDir, options.dataDir === undefined, port);
  }

  get http(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  get ws(): string {
    return `ws://127.0.0.1:${this.port}${this.config.server.wsPath}`;
  }

  /** A token of any user, good for an hour. */
  token(userId: string, { permissions = ORDINARY, username = userId, claims }: TestUser = {}): string {
    const now = Math.floor(Date.now() / 1000);
    return signJwt({ user_id: userId, username, permissions, iss: 'hubbub', iat: now, exp: now + 3600, ...claims });
  }

  /** Connects as a user; resolves after `connected`, which is left for `next`. */
  connect(userId: string, user?: TestUser): Promise<TestClient> {
    return this.open({ token: this.token(userId, user) });
  }

  /** Connects as the options say. @throws UpgradeRefused */
  async open(options: ConnectOptions = {}, url: string = this.ws): Promise<TestClient> {
    const client = await TestClient.open(url, options);
    this.clients.add(client);
    await client.until(() => client.frames.length > 0 || client.ending !== undefined);
    return client;
  }

  /** An HTTP request; a body is sent as JSON, and one of JSON comes back parsed, taken for the `Body` that the test expects. */
  async fetch<Body = unknown>(
    method: string,
    path: string,
    { token, body, headers }: { token?: string; body?: unknown; headers?: Record<string, string> } = {},
  ) {
    const response = await fetch(`${this.http}${path}`, {
      method,
      headers: {
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    const json = response.headers.get('content-type')?.includes('json') && text !== '';
    return {
      status: response.status,
      headers: response.headers,
      text,
      body: (json ? JSON.parse(text) : undefined) as Body,
    };
  }

  /** Ends the clients and the gateway, and removes its database unless it was given. */
  async close(): Promise<void> {
    for (const client of this.clients) client.socket.terminate();
    await this.app.close();
    if (this.ownsData) rmSync(this.dataDir, { recursive: true, force: true });
  }
}

/** Signs any claims with the secret of the tests: also those that the gateway would never sign itself. */
export function signJwt(
  claims: Record<string, unknown>,
  secret = SECRET,
  header: object = { alg: 'HS256', typ: 'JWT' },
): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const body = `${part(header)}.${part(claims)}`;
  return `${body}.${createHmac('sha256', secret).update(body).digest('base64url')}`;
}

/** Starts a gateway; close it in `afterAll`. */
export function startGateway(config?: PartialConfig, options?: TestGatewayOptions): Promise<TestGateway> {
  return TestGateway.start(config, options);
}
