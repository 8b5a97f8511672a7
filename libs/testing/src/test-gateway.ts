import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ClientOptions, HubbubClient } from '@hubbub/client';
import { type Bus, HubbubConfig, type PartialConfig, TokenService } from '@hubbub/hubbub';
import type { INestApplication } from '@nestjs/common';
import { WebSocket } from 'ws';
import { type ApplicationParts, makeApplication } from './gateway-module.js';
import { type Recording, type TalkOptions, talk } from './talk.js';
import { type ConnectOptions, TestClient } from './test-client.js';
import { ORDINARY, SECRET, signJwt, type TestUser } from './tokens.js';

/** Hubbub's configuration where it differs from the default, and what the application has beside Hubbub. */
export interface TestGatewayOptions extends PartialConfig, ApplicationParts {
  /** Of an earlier gateway, to start on its database. @default a new one, removed by `close` */
  readonly dataDir?: string;
  /** Longest time that a client waits for what does not come, in ms. @default 4000, or TEST_PATIENCE_MS of the environment */
  readonly patienceMs?: number;
  /** In place of the bus that the configuration names: it makes the node one of a cluster. */
  readonly makeBus?: (nodeId: string) => Bus | Promise<Bus>;
}

/** An answer over HTTP. */
export interface HttpAnswer<Body> {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** Parsed, where it is JSON. */
  readonly body: Body;
}

/** Tests come from one address, as few users, and in haste. */
const GENEROUS = {
  commandsPerS: 100_000,
  commandsBurst: 100_000,
  httpPerS: 10_000,
  httpBurst: 10_000,
  authPerMin: 10_000,
  connectionsPerUser: 1000,
};

/** A whole gateway on a free port of the loopback, with a database of its own. */
export class TestGateway implements AsyncDisposable {
  /** All that connected. */
  readonly clients = new Set<TestClient>();
  private readonly others = new Set<HubbubClient>();

  private constructor(
    readonly app: INestApplication,
    readonly config: HubbubConfig,
    readonly port: number,
    private readonly ownsData: boolean,
    private readonly patience: Pick<ConnectOptions, 'patienceMs'>,
  ) {}

  static async start(options: TestGatewayOptions = {}): Promise<TestGateway> {
    if (options.dataDir !== undefined) return TestGateway.startIn(options.dataDir, options);
    const dataDir = mkdtempSync(join(tmpdir(), 'hubbub-'));
    try {
      return await TestGateway.startIn(dataDir, options);
    } catch (error) {
      rmSync(dataDir, { recursive: true, force: true });
      throw error;
    }
  }

  private static async startIn(dataDir: string, options: TestGatewayOptions): Promise<TestGateway> {
    const { imports, controllers, providers, override, makeBus, patienceMs, ...partial } = options;
    const config = HubbubConfig.from({
      log: { level: 'error' },
      ...partial,
      dataDir,
      server: { host: '127.0.0.1', port: 0, ...partial.server },
      auth: { secret: SECRET, ...partial.auth },
      limits: { ...GENEROUS, ...partial.limits },
    });
    const app = await makeApplication(config, { imports, controllers, providers, override }, makeBus);
    return TestGateway.listen(app, options.dataDir === undefined, patienceMs === undefined ? {} : { patienceMs });
  }

  /** Around an application that the test has made itself, with its own configuration. It listens now unless it does already. */
  static around(app: INestApplication): Promise<TestGateway> {
    return TestGateway.listen(app, false, {});
  }

  private static async listen(
    app: INestApplication,
    ownsData: boolean,
    patience: Pick<ConnectOptions, 'patienceMs'>,
  ): Promise<TestGateway> {
    const server = app.getHttpServer();
    try {
      if (!server.listening) await app.listen(0, '127.0.0.1');
    } catch (error) {
      // What it has opened so far would keep the process.
      await app.close().catch(() => {});
      throw error;
    }
    const { port } = server.address() as { port: number };
    return new TestGateway(app, app.get(HubbubConfig, { strict: false }), port, ownsData, patience);
  }

  get dataDir(): string {
    return this.config.dataDir;
  }

  get http(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  get ws(): string {
    return `ws://127.0.0.1:${this.port}${this.config.server.wsPath}`;
  }

  /** A token of any user, good for an hour. */
  token(userId: string, { permissions = ORDINARY, username = userId, claims }: TestUser = {}): string {
    const { secret, issuer, audience } = this.config.auth;
    if (secret === undefined) {
      return this.app.get(TokenService, { strict: false }).sign({ userId, username, permissions }).token;
    }
    const now = Math.floor(Date.now() / 1000);
    const addressee = audience === undefined ? {} : { aud: audience };
    const base = { user_id: userId, username, permissions, iss: issuer, ...addressee, iat: now, exp: now + 3600 };
    return signJwt({ ...base, ...claims }, secret);
  }

  /** Connects as a user; resolves after `connected`, which is left for `next`. */
  connect(userId: string, user?: TestUser): Promise<TestClient> {
    return this.open({ token: this.token(userId, user), name: userId });
  }

  /** Connects as a user, and joins a room. */
  async enter(userId: string, roomId: string, user?: TestUser): Promise<TestClient> {
    const client = await this.connect(userId, user);
    await client.command('join_room', { room_id: roomId });
    return client;
  }

  /** Connects as the options say. @throws UpgradeRefused */
  async open(options: ConnectOptions = {}, url: string = this.ws): Promise<TestClient> {
    const client = await TestClient.open(url, { ...this.patience, ...options });
    this.clients.add(client);
    await client.until(() => client.frames.length > 0 || client.ending !== undefined, 'the first frame');
    return client;
  }

  /** The client of browsers and services, connected as a user: it comes back by itself, and resumes. */
  async client(userId: string, user?: TestUser, options: Partial<ClientOptions> = {}): Promise<HubbubClient> {
    const client = new HubbubClient({ url: this.ws, token: () => this.token(userId, user), WebSocket, ...options });
    this.others.add(client);
    await client.connect();
    return client;
  }

  /** An HTTP request; a body is sent as JSON, and one of JSON comes back parsed, taken for the `Body` that the test expects. */
  async fetch<Body = unknown>(
    method: string,
    path: string,
    { token, body, headers }: { token?: string; body?: unknown; headers?: Record<string, string> } = {},
  ): Promise<HttpAnswer<Body>> {
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

  /** People in rooms who talk at once; `expectNoLoss` of what it resolves with says whether all got all. */
  talk(options?: TalkOptions): Promise<Recording> {
    return talk([this], options);
  }

  /** Closes all clients with a close frame. */
  async closeClients(): Promise<void> {
    for (const client of this.clients) await client.close();
    this.clients.clear();
  }

  /** Ends the clients and the gateway, and removes its database unless it was given. */
  async close(): Promise<void> {
    for (const client of this.others) client.close();
    for (const client of this.clients) client.socket.terminate();
    await this.app.close();
    if (this.ownsData) rmSync(this.dataDir, { recursive: true, force: true });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

/** Starts a gateway; close it in `afterAll`, or write `await using`. */
export function startGateway(options?: TestGatewayOptions): Promise<TestGateway> {
  return TestGateway.start(options);
}
