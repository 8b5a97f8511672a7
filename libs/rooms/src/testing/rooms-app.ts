import { mkdtemp, rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Accounts, AUTH_ENTITIES, AUTH_MIGRATIONS, AuthModule, TokenService } from '@hubbub/auth';
import { BusModule, NodeInfo } from '@hubbub/bus';
import { CLUSTER_ENTITIES, CLUSTER_MIGRATIONS, ClusterModule } from '@hubbub/cluster';
import { ConfigModule, HubbubConfig, type PartialConfig } from '@hubbub/config';
import { MESSAGES_ENTITIES, MESSAGES_MIGRATIONS, MessagesModule, UserDirectory } from '@hubbub/messages';
import { HealthModule, MetricsModule } from '@hubbub/observability';
import { StorageModule } from '@hubbub/storage';
import { Connections, HttpErrorFilter, HubbubWsAdapter, NodeIdentity, TransportModule } from '@hubbub/transport';
import { RawClient, type RawFrame } from '@hubbub/transport/testing';
import { Global, type LogLevel, Module, type Provider, type Type } from '@nestjs/common';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import { ROOM_ENTITIES, ROOM_MIGRATIONS, RoomsModule } from '../index.js';

const LOGGED: LogLevel[] = ['error', 'fatal'];

export const ORDINARY = ['read:message', 'send:message', 'create:room', 'delete:room', 'join:room', 'leave:room'];

@Global()
@Module({
  imports: [AuthModule],
  providers: [
    { provide: NodeIdentity, useExisting: NodeInfo },
    { provide: UserDirectory, useExisting: Accounts },
  ],
  exports: [NodeIdentity, UserDirectory],
})
class PortsModule {}

export interface RoomsAppOptions {
  readonly config?: PartialConfig;
  readonly providers?: Provider[];
}

/** A real application of rooms without presence, on a free port, with its database in a folder of its own. */
export class RoomsApp {
  private readonly clients: RawClient[] = [];

  private constructor(
    readonly app: NestFastifyApplication,
    private readonly dataDir: string,
  ) {}

  static async start({ config, providers = [] }: RoomsAppOptions = {}): Promise<RoomsApp> {
    const dataDir = await mkdtemp(join(tmpdir(), 'hubbub-rooms-'));
    const limits = { commandsPerS: 100_000, commandsBurst: 100_000, ...config?.limits };
    const settings = HubbubConfig.from({ ...config, limits, dataDir });
    const module = await Test.createTestingModule({
      imports: [
        ConfigModule.forRoot(settings),
        MetricsModule,
        HealthModule.forRoot({ version: '0' }),
        BusModule.forRoot({ type: 'memory', version: '0' }),
        StorageModule.forRoot({
          entities: [...CLUSTER_ENTITIES, ...AUTH_ENTITIES, ...MESSAGES_ENTITIES, ...ROOM_ENTITIES],
          migrations: [...CLUSTER_MIGRATIONS, ...AUTH_MIGRATIONS, ...MESSAGES_MIGRATIONS, ...ROOM_MIGRATIONS],
        }),
        ClusterModule,
        PortsModule,
        TransportModule,
        AuthModule,
        MessagesModule,
        RoomsModule,
      ],
      providers: [...providers],
    }).compile();
    const app = module.createNestApplication<NestFastifyApplication>(new FastifyAdapter(), { rawBody: true });
    app.useLogger(LOGGED);
    app.useWebSocketAdapter(new HubbubWsAdapter(app));
    app.useGlobalFilters(new HttpErrorFilter());
    await app.listen(0, '127.0.0.1');
    return new RoomsApp(app, dataDir);
  }

  get<T>(token: { readonly prototype: T }): T {
    return this.app.get<T>(token as Type<T>, { strict: false });
  }

  token(userId: string, permissions: readonly string[] = ORDINARY): string {
    return this.get(TokenService).sign({ userId, username: userId, permissions }).token;
  }

  /** Connects as a user who may do what everybody may. */
  async connect(userId: string, permissions?: readonly string[]): Promise<Client> {
    const { port } = this.app.getHttpServer().address() as AddressInfo;
    const raw = await RawClient.connect(`ws://127.0.0.1:${port}/ws`, { token: this.token(userId, permissions) });
    this.clients.push(raw);
    await raw.next('connected');
    return new Client(raw);
  }

  /** Resolves when the gateway has noticed the end of all connections but `count`. */
  async untilConnections(count: number): Promise<void> {
    const connections = this.get(Connections);
    if (connections.count === count) return;
    await new Promise<void>((resolve) => {
      connections.onClosed(() => {
        if (connections.count === count) resolve();
      });
    });
  }

  /** Closes all clients, and resolves when the gateway has let go of them. */
  async closeClients(): Promise<void> {
    await Promise.all(this.clients.splice(0).map((client) => client.close()));
    await this.untilConnections(0);
  }

  /** Runs what is expected to be logged as an error. */
  async quietly<T>(work: () => Promise<T>): Promise<T> {
    this.app.useLogger(false);
    try {
      return await work();
    } finally {
      this.app.useLogger(LOGGED);
    }
  }

  async http(
    method: 'GET' | 'POST' | 'PATCH' | 'DELETE',
    url: string,
    { as, permissions, body }: { as: string; permissions?: readonly string[]; body?: object | string },
  ) {
    const response = await this.app.inject({
      method,
      url,
      headers: {
        authorization: `Bearer ${this.token(as, permissions)}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { payload: body }),
    });
    const parsed: unknown = response.body === '' ? undefined : JSON.parse(response.body);
    // Tests look into bodies of every shape.
    // oxlint-disable-next-line typescript/no-explicit-any
    return { status: response.statusCode, headers: response.headers, text: response.body, body: parsed as any };
  }

  async close(): Promise<void> {
    for (const client of this.clients) client.socket.terminate();
    await this.app.close();
    await rm(this.dataDir, { recursive: true, force: true });
  }
}

/** A client whose `do` is for what must succeed and whose `fail` for what must not. */
export class Client {
  constructor(readonly raw: RawClient) {}

  /** The `data` of the reply. @throws if the answer is an error */
  async do(type: string, data: object = {}): Promise<RawFrame['data']> {
    const answer = await this.raw.command(type, data);
    if (answer.message_type === 'error') throw new Error(`${type}: ${answer.data.name}`);
    return answer.data;
  }

  /** The code of the error that the command is answered with. */
  async fail(type: string, data: object = {}): Promise<number> {
    const answer = await this.raw.command(type, data);
    if (answer.message_type !== 'error') throw new Error(`${type} was answered ${answer.message_type}`);
    return answer.data.code as number;
  }

  /** The `data` of the next push of this type. */
  async push(type: string): Promise<RawFrame['data']> {
    return (await this.raw.next(type, ({ request_id }) => request_id === undefined)).data;
  }

  /** What has come so far and concerns a room, in order: numbers of messages (own ones too), and types of the rest. */
  get story(): (number | string)[] {
    return this.raw.frames
      .filter(({ message_type }) => !['connected', 'pong', 'error'].includes(message_type))
      .map(({ message_type, data }) => (message_type.startsWith('room_message') ? data.seq : message_type));
  }

  /** A round trip: everything sent to this connection before has come. */
  async settle(): Promise<void> {
    await this.raw.command('ping');
  }

  close(): Promise<void> {
    return this.raw.close();
  }
}
