import { AUTH_ENTITIES, AUTH_MIGRATIONS, AuthModule } from '@hubbub/auth';
import { type Bus, BusModule } from '@hubbub/bus';
import { CLUSTER_ENTITIES, CLUSTER_MIGRATIONS, ClusterModule } from '@hubbub/cluster';
import { ConfigModule, type HubbubConfig } from '@hubbub/config';
import { MESSAGES_ENTITIES, MESSAGES_MIGRATIONS, MessagesModule } from '@hubbub/messages';
import { HealthModule, MetricsModule } from '@hubbub/observability';
import { PresenceModule } from '@hubbub/presence';
import { ROOM_ENTITIES, ROOM_MIGRATIONS, RoomsModule } from '@hubbub/rooms';
import { SERVICES_ENTITIES, SERVICES_MIGRATIONS, ServicesModule } from '@hubbub/services';
import { StorageModule } from '@hubbub/storage';
import { TransportModule } from '@hubbub/transport';
import { type DynamicModule, Module } from '@nestjs/common';
import { busAddress } from './bus-address.js';
import { ClusterExit } from './cluster-exit.service.js';
import { HttpShutdown } from './http-shutdown.service.js';
import { OperatorController } from './operator.controller.js';
import { OperatorService } from './operator.service.js';
import { OperatorCommands } from './operator-commands.js';
import { PortsModule } from './ports.module.js';
import { requireSupported } from './supported.js';
import { VERSION } from './version.js';
import { workerModules } from './workers/worker.module.js';

export interface HubbubOptions {
  /** In place of the bus that the configuration names; it makes the node one of a cluster. For tests and own buses. */
  readonly bus?: (nodeId: string) => Bus | Promise<Bus>;
}

/** Everything Hubbub is, for an application's root module: `imports: [HubbubModule.forRoot(config)]`. */
@Module({})
export class HubbubModule {
  /** @throws ConfigError for what this version cannot do */
  static forRoot(config: HubbubConfig, options: HubbubOptions = {}): DynamicModule {
    requireSupported(config);
    const { nodeId } = config.cluster;
    return {
      module: HubbubModule,
      imports: [
        ConfigModule.forRoot(config),
        MetricsModule.forRoot({ token: () => config.metrics.token }),
        HealthModule.forRoot({ version: VERSION }),
        BusModule.forRoot({
          ...busAddress(config),
          version: VERSION,
          ...(nodeId === undefined ? {} : { nodeId }),
          ...(options.bus === undefined ? {} : { make: options.bus }),
        }),
        StorageModule.forRoot({
          entities: [
            ...CLUSTER_ENTITIES,
            ...AUTH_ENTITIES,
            ...MESSAGES_ENTITIES,
            ...ROOM_ENTITIES,
            ...SERVICES_ENTITIES,
          ],
          migrations: [
            ...CLUSTER_MIGRATIONS,
            ...AUTH_MIGRATIONS,
            ...MESSAGES_MIGRATIONS,
            ...ROOM_MIGRATIONS,
            ...SERVICES_MIGRATIONS,
          ],
        }),
        ClusterModule,
        PortsModule,
        ...workerModules(config),
        TransportModule,
        AuthModule,
        MessagesModule,
        RoomsModule,
        PresenceModule,
        ServicesModule,
      ],
      controllers: [OperatorController],
      providers: [ClusterExit, HttpShutdown, OperatorService, OperatorCommands],
    };
  }
}
