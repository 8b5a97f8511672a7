import { ServicesModule } from '@hubbub/services';
import { Module } from '@nestjs/common';
import { ClusterExit } from './cluster-exit.service.js';
import { HttpFront } from './http/http-front.service.js';
import { HttpShutdown } from './http/http-shutdown.service.js';
import { OperatorController } from './operator.controller.js';
import { OperatorService } from './operator.service.js';
import { OperatorCommands } from './operator-commands.js';

/** What operators ask and tell, and how the node stands in its process: before other HTTP routes, and at its end. */
@Module({
  imports: [ServicesModule],
  controllers: [OperatorController],
  providers: [ClusterExit, HttpFront, HttpShutdown, OperatorService, OperatorCommands],
})
export class OperationModule {}
