import { ServiceCommands } from '@hubbub/services';
import { Injectable, type OnModuleInit } from '@nestjs/common';
import { OperatorService } from './operator.service.js';

/** What operators do, for services: by the rules of the HTTP routes. */
@Injectable()
export class OperatorCommands implements OnModuleInit {
  constructor(
    private readonly commands: ServiceCommands,
    private readonly operator: OperatorService,
  ) {}

  onModuleInit(): void {
    this.commands.handle({
      broadcast: ({ message }, { caller }) => this.operator.broadcast(message, caller.userId),
      stats: () => this.operator.stats(),
      clients: ({ cursor, limit }) => this.operator.clients(cursor, limit),
      get_client: async ({ connection_id }) => ({ client: await this.operator.client(connection_id) }),
      disconnect_user: ({ user_id }) => this.operator.disconnectUser(user_id),
      disconnect: ({ connection_id }) => this.operator.disconnect(connection_id),
    });
  }
}
