import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { ConfigModule, HubbubConfig, type PartialConfig } from '@hubbub/config';
import { Metrics, MetricsModule } from '@hubbub/observability';
import { HubbubError, PermissionSet } from '@hubbub/protocol';
import { Global, Module, type ModuleMetadata } from '@nestjs/common';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import type { Connection } from '../connection.js';
import { Connections } from '../connections.js';
import { HttpErrorFilter } from '../http-error.filter.js';
import { HubbubWsAdapter } from '../hubbub-ws.adapter.js';
import { Authenticator, type Identity, Inboxes, type InboxStand, NodeIdentity } from '../identity.js';
import { TransportModule } from '../transport.module.js';
import { RawClient, type RawClientOptions } from './raw-client.js';

const GRANTS = new PermissionSet(['read:message']);

/** Tokens are user names; `expired` and those with a space are not accepted. */
export class NameAuthenticator extends Authenticator {
  anonymousAccess = false;
  /** Awaited before every answer. */
  gate: Promise<void> | null = null;
  private guests = 0;

  async authenticate(token: string): Promise<Identity> {
    await this.gate;
    if (token === 'expired') throw new HubbubError('TokenExpired');
    if (token === '' || token.includes(' ')) throw new HubbubError('InvalidToken');
    return { userId: token, username: token, anonymous: false, permissions: GRANTS };
  }

  override anonymous(): Identity | null {
    if (!this.anonymousAccess) return null;
    const userId = `anon:${++this.guests}`;
    return { userId, username: userId, anonymous: true, permissions: GRANTS };
  }
}

/** Inboxes that stand at 7 and hold nothing. */
export class EmptyInboxes extends Inboxes {
  readonly attached = new Set<Connection>();
  isAway = false;
  /** Awaited before every answer. */
  gate: Promise<void> | null = null;

  async open(connection: Connection): Promise<InboxStand> {
    this.attached.add(connection);
    await this.gate;
    if (this.isAway) {
      this.attached.delete(connection);
      throw new HubbubError('ServerError');
    }
    return { epoch: 'inbox', seq: 7 };
  }

  close(connection: Connection): void {
    this.attached.delete(connection);
  }
}

@Global()
@Module({
  providers: [
    { provide: Authenticator, useClass: NameAuthenticator },
    { provide: Inboxes, useClass: EmptyInboxes },
    { provide: NodeIdentity, useValue: { nodeId: 'node-1', version: '1.2.3' } },
  ],
  exports: [Authenticator, Inboxes, NodeIdentity],
})
class Ports {}

/** A real application with nothing but the transport, listening on a free port. */
export class WireApp {
  private readonly clients: RawClient[] = [];

  private constructor(
    readonly app: NestFastifyApplication,
    readonly config: HubbubConfig,
    readonly url: string,
  ) {}

  static async start(config: PartialConfig = {}, metadata: ModuleMetadata = {}): Promise<WireApp> {
    const values = HubbubConfig.from({ server: { host: '127.0.0.1', port: 0 }, ...config });
    const testing = await Test.createTestingModule({
      ...metadata,
      imports: [ConfigModule.forRoot(values), MetricsModule, Ports, TransportModule, ...(metadata.imports ?? [])],
    }).compile();
    const app = testing.createNestApplication<NestFastifyApplication>(new FastifyAdapter(), {
      logger: ['error', 'warn'],
    });
    app.useWebSocketAdapter(new HubbubWsAdapter(app));
    app.useGlobalFilters(new HttpErrorFilter());
    await app.listen(0, '127.0.0.1');
    const { port } = app.getHttpServer().address() as AddressInfo;
    return new WireApp(app, values, `127.0.0.1:${port}`);
  }

  get ws(): string {
    return `ws://${this.url}${this.config.server.wsPath}`;
  }

  get http(): string {
    return `http://${this.url}`;
  }

  get connections(): Connections {
    return this.app.get(Connections);
  }

  get metrics(): Metrics {
    return this.app.get(Metrics);
  }

  get authenticator(): NameAuthenticator {
    return this.app.get<NameAuthenticator>(Authenticator);
  }

  get inboxes(): EmptyInboxes {
    return this.app.get<EmptyInboxes>(Inboxes);
  }

  /** Connects as `user`, or without credentials; closed with the application. */
  async connect(user?: string, options: RawClientOptions = {}): Promise<RawClient> {
    const token = user === undefined ? {} : { token: user };
    const client = await RawClient.connect(this.ws, { ...token, ...options });
    this.clients.push(client);
    return client;
  }

  /** The connection of the only connected `user`. */
  of(user: string): Connection {
    const [connection] = this.connections.ofUser(user);
    if (connection === undefined) throw new Error(`${user} is not connected`);
    return connection;
  }

  /** Resolves with the end of `connection`, as the registry tells it. */
  ended(connection: Connection): Promise<{ code: number; clean: boolean }> {
    return new Promise((resolve) => {
      this.connections.onClosed((closed, end) => {
        if (closed === connection) resolve(end);
      });
    });
  }

  async stop(): Promise<void> {
    for (const { socket } of this.clients) {
      if (socket.readyState === socket.CLOSED) continue;
      socket.terminate();
      await once(socket, 'close');
    }
    await this.app.close();
  }
}
