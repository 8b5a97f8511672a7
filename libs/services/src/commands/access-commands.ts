import { type RevocationOutcome, Revocations, UserGrants } from '@hubbub/auth';
import { Injectable, type OnModuleInit } from '@nestjs/common';
import { ServiceCommands } from './service-commands.js';

/** What users may do, and that they may no more, for services. */
@Injectable()
export class AccessCommands implements OnModuleInit {
  constructor(
    private readonly commands: ServiceCommands,
    private readonly grants: UserGrants,
    private readonly revocations: Revocations,
  ) {}

  onModuleInit(): void {
    this.commands.handle({
      permissions: async ({ user_id }) => {
        const { unconfirmed, ...grants } = await this.grants.of(user_id);
        return { user_id, ...grants, ...(unconfirmed.length === 0 ? {} : { unconfirmed }) };
      },
      revoke_user: async ({ user_id }) => endedOf(await this.revocations.revokeUser(user_id)),
      revoke_token: async ({ token_id }) => endedOf(await this.revocations.revokeToken(token_id)),
    });
  }
}

function endedOf({ closed, nodes, unconfirmed }: RevocationOutcome) {
  return { closed, nodes, unconfirmed: [...unconfirmed] };
}
