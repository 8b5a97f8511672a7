import { ServicesModule } from '@hubbub/services';
import { Module } from '@nestjs/common';
import { OperatorController } from './operator.controller.js';
import { OperatorService } from './operator.service.js';
import { OperatorCommands } from './operator-commands.js';

/** What operators ask of the nodes and tell them, over HTTP and from services. */
@Module({
  imports: [ServicesModule],
  controllers: [OperatorController],
  providers: [OperatorService, OperatorCommands],
})
export class OperatorModule {}
