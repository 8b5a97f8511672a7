import { Control, NodeInfo } from '@hubbub/bus';
import type { ServiceReply } from '@hubbub/protocol';
import { type Connection, Connections } from '@hubbub/transport';
import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Accounts } from './accounts.js';
import { SignIn } from './sign-in.service.js';

type Reply = ServiceReply<'permissions'>;
export type ConnectionGrants = Reply['connections'][number];

const CONTROL = 'auth.grants';

/** What users may do: by the tokens that their connections came with, on all nodes, and by their accounts. */
@Injectable()
export class UserGrants implements OnModuleInit {
  constructor(
    private readonly control: Control,
    private readonly node: NodeInfo,
    private readonly connections: Connections,
    private readonly accounts: Accounts,
    private readonly signIn: SignIn,
  ) {}

  onModuleInit(): void {
    this.control.handle(CONTROL, ({ userId }: { userId: string }) =>
      Array.from(this.connections.ofUser(userId), (connection) => this.describe(connection)),
    );
  }

  /** The connections in the order of their ids, and the nodes that did not say which they have. @throws HubbubError ServerError */
  async of(
    userId: string,
  ): Promise<Omit<Reply, 'user_id' | 'unconfirmed'> & { readonly unconfirmed: readonly string[] }> {
    const [{ results, unconfirmed }, account] = await Promise.all([
      this.control.call<ConnectionGrants[]>(CONTROL, { userId }),
      this.ofAccount(userId),
    ]);
    const connections = results.flat().sort((a, b) => (a.connection_id < b.connection_id ? -1 : 1));
    return { connections, ...(account === null ? {} : { account }), unconfirmed };
  }

  /** What the account would be granted if it signed in now; null for users of other issuers. @throws HubbubError ServerError */
  async ofAccount(userId: string): Promise<Reply['account'] | null> {
    if (!this.signIn.isLocal) return null;
    const account = await this.accounts.find(userId);
    return account && { username: account.username, permissions: this.signIn.grantsOf(account) };
  }

  private describe({ id, identity }: Connection): ConnectionGrants {
    return {
      connection_id: id,
      node_id: this.node.nodeId,
      anonymous: identity?.anonymous ?? true,
      permissions: [...(identity?.permissions.grants ?? [])],
      ...(identity?.expiresAt === undefined ? {} : { expires_at: identity.expiresAt }),
    };
  }
}
