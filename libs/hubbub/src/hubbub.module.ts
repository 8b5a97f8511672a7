import { AUTH_ENTITIES, AUTH_MIGRATIONS, AuthModule } from '@hubbub/auth';
import { type Bus, BusModule } from '@hubbub/bus';
import { CLUSTER_ENTITIES, CLUSTER_MIGRATIONS, ClusterModule } from '@hubbub/cluster';
import { ConfigModule, HubbubConfig, type PartialConfig } from '@hubbub/config';
import { MESSAGES_ENTITIES, MESSAGES_MIGRATIONS, MessagesModule } from '@hubbub/messages';
import { HealthModule, MetricsModule } from '@hubbub/observability';
import { OPERATOR_ENTITIES, OPERATOR_MIGRATIONS, OperatorModule } from '@hubbub/operator';
import { PresenceModule } from '@hubbub/presence';
import type { CommandType } from '@hubbub/protocol';
import { ROOM_ENTITIES, ROOM_MIGRATIONS, RoomsModule } from '@hubbub/rooms';
import { SERVICES_ENTITIES, SERVICES_MIGRATIONS, ServicesModule } from '@hubbub/services';
import { StorageModule } from '@hubbub/storage';
import { HubbubWsAdapter, TransportModule } from '@hubbub/transport';
import {
  type DynamicModule,
  type FactoryProvider,
  Module,
  type ModuleMetadata,
  type OnModuleInit,
  type Type,
} from '@nestjs/common';
import { ApplicationConfig, ModulesContainer } from '@nestjs/core';
import { busAddress } from './bus-address.js';
import { ContractModule } from './contract/contract.module.js';
import { MissingWsAdapter } from './modules/missing-ws-adapter.js';
import { PartsModule } from './modules/parts.module.js';
import { type Replacement, Tailor } from './modules/tailor.js';
import { OperationModule } from './operation.module.js';
import { PortsModule } from './ports.module.js';
import { requireSupported } from './supported.js';
import { VERSION } from './version.js';
import { WorkerModule } from './workers/worker.module.js';

export interface HubbubOptions {
  /** In place of the bus that the configuration names; it makes the node one of a cluster. For tests and own buses. */
  readonly bus?: (nodeId: string) => Bus | Promise<Bus>;
  /**
   * What is not served: single commands by their type, gateways and controllers by their class. A command is free for a gateway
   * of your own then, and so are the routes.
   */
  readonly without?: readonly (CommandType | Type)[];
  /** In place of Hubbub's own of the same token: `{ provide: Authenticator, useClass: SessionAuthenticator }`. */
  readonly providers?: readonly Replacement[];
  /** Modules with what those providers, and the factory of `forRootAsync`, inject. */
  readonly imports?: NonNullable<ModuleMetadata['imports']>;
}

export interface HubbubAsyncOptions
  extends HubbubOptions,
    Pick<FactoryProvider<HubbubConfig | PartialConfig>, 'inject' | 'useFactory'> {}

/** Everything Hubbub is, for an application's root module: `imports: [HubbubModule.forRoot(config)]`. */
@Module({})
export class HubbubModule implements OnModuleInit {
  constructor(private readonly application: ApplicationConfig) {
    // Without any, Nest would ask for a package that has nothing to do with it, and end the process.
    if (!application.getIoAdapter()) application.setIoAdapter(new MissingWsAdapter());
  }

  /** @throws ConfigError; Error for what it is to do without, or to replace, and does not have */
  static forRoot(config: HubbubConfig | PartialConfig = {}, options: HubbubOptions = {}): DynamicModule {
    const complete = completed(config);
    return HubbubModule.forRootAsync({ ...options, useFactory: () => complete });
  }

  /** As `forRoot`, with a configuration that is made from other providers. All the rest has to be known now. */
  static forRootAsync(options: HubbubAsyncOptions): DynamicModule {
    const { without = [], providers = [], imports = [] } = options;
    const classes = without.filter((part) => typeof part === 'function');
    // A class that is undefined yet, by an import in a circle, is none either, and is not to be served unnoticed.
    const commands = without.filter((part) => typeof part !== 'function');
    const tailor = new Tailor({ without: classes, providers, imports });
    const fitted = tailor.fit(modules(options));
    return { module: HubbubModule, imports: [PartsModule.forRoot(tailor, commands), ...fitted] };
  }

  /** @throws Error if the application has been given another adapter since */
  onModuleInit(): void {
    const adapter: unknown = this.application.getIoAdapter();
    if (adapter instanceof HubbubWsAdapter || adapter instanceof MissingWsAdapter) return;
    throw new Error('app.useWebSocketAdapter() has taken the place of the adapter that useHubbub(app) sets');
  }
}

function modules({ inject = [], useFactory, bus, imports = [] }: HubbubAsyncOptions) {
  return [
    ConfigModule.forRootAsync({
      imports,
      inject: [ModulesContainer, ...inject],
      useFactory: async (all: ModulesContainer, ...injected: unknown[]) => {
        requireOne(all);
        return completed(await useFactory(...injected));
      },
    }),
    MetricsModule.forRootAsync({
      inject: [HubbubConfig],
      useFactory: (config: HubbubConfig) => ({ token: () => config.metrics.token }),
    }),
    HealthModule.forRoot({ version: VERSION }),
    BusModule.forRootAsync({
      inject: [HubbubConfig],
      useFactory: (config: HubbubConfig) => ({
        ...busAddress(config),
        version: VERSION,
        ...(config.cluster.nodeId === undefined ? {} : { nodeId: config.cluster.nodeId }),
        ...(bus === undefined ? {} : { make: bus }),
      }),
    }),
    StorageModule.forRoot({
      entities: [
        ...CLUSTER_ENTITIES,
        ...AUTH_ENTITIES,
        ...MESSAGES_ENTITIES,
        ...ROOM_ENTITIES,
        ...SERVICES_ENTITIES,
        ...OPERATOR_ENTITIES,
      ],
      migrations: [
        ...CLUSTER_MIGRATIONS,
        ...AUTH_MIGRATIONS,
        ...MESSAGES_MIGRATIONS,
        ...ROOM_MIGRATIONS,
        ...SERVICES_MIGRATIONS,
        ...OPERATOR_MIGRATIONS,
      ],
    }),
    ClusterModule,
    PortsModule,
    WorkerModule,
    TransportModule,
    AuthModule,
    MessagesModule,
    RoomsModule,
    PresenceModule,
    ServicesModule,
    OperatorModule,
    OperationModule,
    ContractModule,
  ];
}

/** @throws ConfigError */
function completed(given: HubbubConfig | PartialConfig): HubbubConfig {
  const config = given instanceof HubbubConfig ? given : HubbubConfig.from(given);
  requireSupported(config);
  return config;
}

/** Asked before anything is opened: two would share a database and answer the same commands. @throws Error */
function requireOne(all: ModulesContainer): void {
  const own = [...all.values()].filter(({ metatype }) => metatype === HubbubModule);
  if (own.length > 1) {
    throw new Error(
      'HubbubModule is in the application twice: call forRoot once; what it provides is there for all modules',
    );
  }
}
