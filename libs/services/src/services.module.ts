import { Module } from '@nestjs/common';
import { AccessCommands } from './commands/access-commands.js';
import { CommandService } from './commands/command-service.js';
import { CommandsController } from './commands/commands.controller.js';
import { HttpCommandsController } from './commands/http-commands.controller.js';
import { MessageCommands } from './commands/message-commands.js';
import { PresenceCommands } from './commands/presence-commands.js';
import { PushCommands } from './commands/push-commands.js';
import { RoomCommands } from './commands/room-commands.js';
import { ServiceCallers } from './commands/service-caller.js';
import { ServiceCommands } from './commands/service-commands.js';
import { ConnectionEvents } from './events/connection-events.js';
import { Events } from './events/events.service.js';
import { MemberEvents } from './events/member-events.js';
import { NodeEvents } from './events/node-events.js';
import { RoomEventsPublisher } from './events/room-events-publisher.js';
import { CommandQuestions } from './explain/command-questions.js';
import { ExplainedUsers } from './explain/explained-users.js';
import { Explanations } from './explain/explanations.service.js';
import { CommandServer } from './nats/command-server.js';
import { OutboxRelay } from './outbox/outbox-relay.js';
import { RelayLease } from './outbox/relay-lease.js';

/**
 * What other services hear of the gateways and ask of them. Needs all libraries up to presence, and somebody who handles
 * the commands of operators (`ServiceCommands.handle`).
 */
@Module({
  controllers: [CommandsController, HttpCommandsController],
  providers: [
    Events,
    ConnectionEvents,
    RoomEventsPublisher,
    MemberEvents,
    NodeEvents,
    RelayLease,
    OutboxRelay,
    ServiceCallers,
    ServiceCommands,
    RoomCommands,
    MessageCommands,
    PresenceCommands,
    AccessCommands,
    PushCommands,
    ExplainedUsers,
    CommandQuestions,
    Explanations,
    CommandServer,
    CommandService,
  ],
  exports: [Events, Explanations, ServiceCommands],
})
export class ServicesModule {}
