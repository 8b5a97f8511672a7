import { type RevocationOutcome, Revocations } from '@hubbub/auth';
import { OnlineDirectory } from '@hubbub/cluster';
import { HubbubConfig } from '@hubbub/config';
import { DirectMessages, UserDirectory } from '@hubbub/messages';
import { OnlineService } from '@hubbub/presence';
import { HubbubError } from '@hubbub/protocol';
import { Connections } from '@hubbub/transport';
import { Injectable, type OnModuleInit } from '@nestjs/common';
import { exactText } from './exact-text.js';
import { ServiceCommands, type ServiceHandlers } from './service-commands.js';

/** What services ask about users. */
@Injectable()
export class UserCommands implements OnModuleInit {
  constructor(
    private readonly commands: ServiceCommands,
    private readonly revocations: Revocations,
    private readonly directMessages: DirectMessages,
    private readonly users: UserDirectory,
    private readonly connections: Connections,
    private readonly directory: OnlineDirectory,
    private readonly online: OnlineService,
    private readonly config: HubbubConfig,
  ) {}

  onModuleInit(): void {
    this.commands.handle(this.table);
  }

  private readonly table: ServiceHandlers = {
    direct_message: async ({ target_id: targetId, idempotency_key: idempotencyKey, content }, call) => {
      const { userId: senderId, username: senderName } = call.caller;
      const contentJson = exactText('content', content, call, this.config.limits);
      if (this.config.auth.localOnly && !(await this.users.exists(targetId))) throw new HubbubError('ClientNotFound');
      const message = { senderId, senderName, targetId, contentJson, idempotencyKey };
      return this.directMessages.send(message, null).promise();
    },
    online: ({ user_ids }) => ({ online: user_ids.filter((id) => this.isOnline(id)), count: this.online.count }),
    revoke_user: async ({ user_id }) => endedOf(await this.revocations.revokeUser(user_id)),
    revoke_token: async ({ token_id }) => endedOf(await this.revocations.revokeToken(token_id)),
  };

  private isOnline(userId: string): boolean {
    return this.connections.ofUser(userId).size > 0 || this.directory.nodesOf(userId).length > 0;
  }
}

function endedOf({ closed, nodes, unconfirmed }: RevocationOutcome) {
  return { closed, nodes, unconfirmed: [...unconfirmed] };
}
