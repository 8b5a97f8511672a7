import { AUTH_ENTITIES, AUTH_MIGRATIONS, AuthModule } from '@hubbub/auth';
import { BusModule } from '@hubbub/bus';
import { ConfigModule, type HubbubConfig } from '@hubbub/config';
import { MESSAGES_ENTITIES, MESSAGES_MIGRATIONS, MessagesModule } from '@hubbub/messages';
import { HealthModule, MetricsModule } from '@hubbub/observability';
import { PresenceModule } from '@hubbub/presence';
import { ROOM_ENTITIES, ROOM_MIGRATIONS, RoomsModule } from '@hubbub/rooms';
import { StorageModule } from '@hubbub/storage';
import { TransportModule } from '@hubbub/transport';
import { type DynamicModule, Module } from '@nestjs/common';
import { HttpShutdown } from './http-shutdown.service.js';
import { OperatorController } from './operator.controller.js';
import { OperatorService } from './operator.service.js';
import { PortsModule } from './ports.module.js';
import { requireSupported } from './supported.js';
import { VERSION } from './version.js';

/** Everything Hubbub is, for an application's root module: `imports: [HubbubModule.forRoot(config)]`. */
@Module({})
export class HubbubModule {
  /** @throws ConfigError for what this version cannot do */
  static forRoot(config: HubbubConfig): DynamicModule {
    requireSupported(config);
    const { type, nodeId } = { type: config.bus.type, nodeId: config.cluster.nodeId };
    return {
      module: HubbubModule,
      imports: [
        ConfigModule.forRoot(config),
        MetricsModule.forRoot({ token: () => config.metrics.token }),
        HealthModule.forRoot({ version: VERSION }),
        BusModule.forRoot({ type, version: VERSION, ...(nodeId === undefined ? {} : { nodeId }) }),
        StorageModule.forRoot({
          entities: [...AUTH_ENTITIES, ...MESSAGES_ENTITIES, ...ROOM_ENTITIES],
          migrations: [...AUTH_MIGRATIONS, ...MESSAGES_MIGRATIONS, ...ROOM_MIGRATIONS],
        }),
        PortsModule,
        TransportModule,
        AuthModule,
        MessagesModule,
        RoomsModule,
        PresenceModule,
      ],
      controllers: [OperatorController],
      providers: [HttpShutdown, OperatorService],
    };
  }
}
