import { ServicesModule } from '@hubbub/services';
import { Module } from '@nestjs/common';
import { AuditModule } from './audit/audit.module.js';
import { EffectiveConfig } from './nodes/effective-config.js';
import { NodeDrain } from './nodes/node-drain.js';
import { OperatorController } from './operator.controller.js';
import { OperatorService } from './operator.service.js';
import { OperatorCommands } from './operator-commands.js';
import { OperatorRooms } from './rooms/operator-rooms.service.js';
import { RoomRanking } from './rooms/room-ranking.js';
import { NodeSeries } from './series/node-series.service.js';
import { Series } from './series/series.service.js';
import { TapModule } from './tap/tap.module.js';
import { OperatorUsers } from './users/operator-users.service.js';
import { ViewsController } from './views.controller.js';

/** What operators ask of the nodes and tell them, over HTTP and from services. */
@Module({
  imports: [AuditModule, ServicesModule, TapModule],
  controllers: [OperatorController, ViewsController],
  providers: [
    OperatorService,
    OperatorCommands,
    NodeSeries,
    Series,
    RoomRanking,
    OperatorRooms,
    OperatorUsers,
    EffectiveConfig,
    NodeDrain,
  ],
})
export class OperatorModule {}
