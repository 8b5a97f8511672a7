import { OnlineDirectory } from '@hubbub/cluster';
import { OnlineService, UserPresence } from '@hubbub/presence';
import { Connections } from '@hubbub/transport';
import { Injectable, type OnModuleInit } from '@nestjs/common';
import { ServiceCommands } from './service-commands.js';

/** Who is there, for services. */
@Injectable()
export class PresenceCommands implements OnModuleInit {
  constructor(
    private readonly commands: ServiceCommands,
    private readonly connections: Connections,
    private readonly directory: OnlineDirectory,
    private readonly online: OnlineService,
    private readonly presence: UserPresence,
  ) {}

  onModuleInit(): void {
    this.commands.handle({
      online: ({ user_ids }) => ({ online: user_ids.filter((id) => this.isOnline(id)), count: this.online.count }),
      presence: async ({ user_ids }) => {
        const { users, unconfirmed } = await this.presence.of(user_ids);
        return { users, ...(unconfirmed.length === 0 ? {} : { unconfirmed }) };
      },
    });
  }

  private isOnline(userId: string): boolean {
    return this.connections.ofUser(userId).size > 0 || this.directory.nodesOf(userId).length > 0;
  }
}
